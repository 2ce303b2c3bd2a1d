/** Which shell runs the shell forms of an instruction: by SHELL, or by `# hadolint shell=…` where the image decides. */
import { bodyOf } from '#model/dockerfile/syntax/joined-text.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Comment, Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { DockerfileDocument } from './document.ts';

const PRAGMA = /^(?:hadolint|slipway)[ \t]+shell[ \t]*=[ \t]*([^#]*[^#\s])/;

export const DEFAULT_SHELL: readonly string[] = ['/bin/sh', '-c'];

/** @param offset where the instruction starts */
export function shellInEffect(
  document: DockerfileDocument,
  stage: Stage | undefined,
  offset: number,
): readonly string[] {
  if (stage === undefined) return lastShell(document, 0, offset) ?? DEFAULT_SHELL;
  const own = lastShell(document, stage.from.span.end, offset);
  if (own !== undefined) return own;
  if (stage.base !== undefined) return shellInEffect(document, stage.base, endOf(document, stage.base));
  return pragmaBetween(document, 0, firstFrom(document)) ?? DEFAULT_SHELL;
}

/** Everything that is no shell as POSIX knows it. */
export function isPosix([program = '']: readonly string[]): boolean {
  return !/^(?:pwsh|powershell|cmd)(?:\.exe)?$/i.test(programOf(program));
}

/** Without folder. */
export function programOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

interface Choices {
  readonly shells: readonly Instruction[];
  readonly pragmas: readonly Comment[];
}

/** Few, and asked for by every command. */
const CHOICES = new WeakMap<DockerfileDocument, Choices>();

function choicesIn(document: DockerfileDocument): Choices {
  const known = CHOICES.get(document);
  if (known !== undefined) return known;
  const choices = {
    shells: document.instructions.filter(({ keyword }) => keyword === 'SHELL'),
    pragmas: document.tree.comments.filter(({ text }) => PRAGMA.test(text)),
  };
  CHOICES.set(document, choices);
  return choices;
}

function firstFrom({ stages, text }: DockerfileDocument): number {
  return stages[0]?.from.span.start ?? text.length;
}

function endOf({ stages, text }: DockerfileDocument, stage: Stage): number {
  return stages[stage.index + 1]?.from.span.start ?? text.length;
}

function lastShell(document: DockerfileDocument, start: number, end: number): readonly string[] | undefined {
  const instruction = choicesIn(document).shells.findLast(({ span }) => span.start >= start && span.start < end);
  const pragma = pragmaBetween(document, instruction?.span.end ?? start, end);
  if (pragma !== undefined || instruction === undefined) return pragma;
  return instruction.json?.items.map(({ text }) => text) ?? bodyOf(instruction).split(/\s+/);
}

function pragmaBetween(document: DockerfileDocument, start: number, end: number): readonly string[] | undefined {
  const comment = choicesIn(document).pragmas.findLast(({ span }) => span.start >= start && span.start < end);
  return comment === undefined ? undefined : (PRAGMA.exec(comment.text)?.[1] ?? '').trim().split(/\s+/);
}
