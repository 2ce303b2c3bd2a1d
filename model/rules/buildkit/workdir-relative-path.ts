import { expandText } from '#model/dockerfile/expand.ts';
import { bodyOf, bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { valueBefore } from '#model/dockerfile/values.ts';
import type { BuildCheck, CheckedDockerfile } from '../checked-dockerfile.ts';
import { isRelativeWorkdir } from '#model/dockerfile/relative-workdir.ts';

export const workdirRelativePath: BuildCheck = {
  id: 'WorkdirRelativePath',
  aliases: ['DL3000'],
  severity: 'warning',
  title: 'A relative WORKDIR needs an absolute one before it in the same build',
  *check(document) {
    // Those that come after the first one are right when that is.
    const withWorkdir = new Set<Stage>();
    for (const stage of document.stages) {
      if (stage.base !== undefined && withWorkdir.has(stage.base)) withWorkdir.add(stage);
      for (const instruction of stage.instructions) {
        if (instruction.keyword !== 'WORKDIR' || instruction.words.length === 0 || withWorkdir.has(stage)) continue;
        withWorkdir.add(stage);
        const path = pathOf(document, instruction, stage);
        if (path === undefined || isAbsolutePath(path, document.escape)) continue;
        const message = `Relative workdir ${JSON.stringify(path)} can have unexpected results if the base image changes`;
        const aliases = isRelativeWorkdir(instruction) ? ['DL3000'] : [];
        yield { span: bodySpan(instruction), message, aliases };
      }
    }
  },
};

/** Undefined when the path starts with a variable that the base image or a build argument may set. */
function pathOf(document: CheckedDockerfile, instruction: Instruction, stage: Stage): string | undefined {
  const { escape, variables } = document;
  const written = bodyOf(instruction);
  if (isPlain(written)) return written;
  const lookup = valueBefore(document, instruction, stage);
  const { value, unset, error } = expandText(written, lookup, { escape });
  if (error !== undefined) return undefined;
  if (unset.length === 0) return value;
  const declared = new Set(variables.usesIn(instruction).map(({ name, definition }) => definition && name));
  const isOpen = unset.some((name) => declared.has(name) || document.mayComeFromImage(stage, name));
  return isOpen && !value.startsWith('/') ? undefined : value;
}

/** Without variables, quotes and escapes: most are. */
function isPlain(path: string): boolean {
  return /^[\w/.-]*$/.test(path);
}

/** A backtick as escape character says that the file is for Windows. */
function isAbsolutePath(path: string, escape: string): boolean {
  return path.startsWith('/') || (escape === '`' && /^(?:[a-z]:|[\\/])/i.test(path));
}
