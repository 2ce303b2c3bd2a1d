import { suggest } from '#model/text/suggest.ts';
import { PLATFORM_ARGS } from '#model/dockerfile/predefined-args.ts';
import { definitionsBefore, type VariableUse } from '#model/dockerfile/variables.ts';
import type { BuildCheck, CheckedDockerfile } from '../checked-dockerfile.ts';
import type { Fix } from '../rule.ts';

export const undefinedVar: BuildCheck = {
  id: 'UndefinedVar',
  severity: 'warning',
  title: 'Variables should be defined before their use',
  *check(document) {
    for (const use of document.variables.uses) {
      const { name, stage, instruction, definition } = use;
      if (use.by !== 'builder' || NOT_HERE.has(instruction.keyword) || stage === undefined) continue;
      if (definition !== undefined || document.mayComeFromImage(stage, name)) continue;
      const near = suggest(name, namesWithValue(document, use), true);
      const hint = near === undefined ? '' : ` (did you mean $${near}?)`;
      const message = `Usage of undefined variable '$${name}'${hint}`;
      yield { span: use.span, message, fixes: fixesOf(document, use, near) };
    }
  },
};

/** FROM has a check of its own; of EXPOSE BuildKit says nothing. */
const NOT_HERE: ReadonlySet<string> = new Set(['FROM', 'EXPOSE']);

/** Comparing names takes time that grows with the square of the file: the latest ones must do. */
const MOST_NAMES = 100;

/** An argument without a value cannot be what was meant, says BuildKit; every image has a PATH, scratch too. */
function namesWithValue(document: CheckedDockerfile, { instruction, stage }: VariableUse): string[] {
  const visible = [...definitionsBefore(document.variables, instruction, stage).values()];
  const named = visible
    .slice(-MOST_NAMES)
    .filter((one) => (one.property.value ?? one.inherits?.property.value) !== undefined)
    .map(({ name }) => name);
  return ['PATH', ...named];
}

/** Global and platform arguments exist, but a stage sees them only after an ARG of its own. */
function fixesOf(document: CheckedDockerfile, { name, nameSpan, stage }: VariableUse, near: string | undefined): Fix[] {
  const fixes: Fix[] = [];
  const isGlobal = document.variables.definitions.some((one) => one.stage === undefined && one.name === name);
  if (stage !== undefined && (isGlobal || PLATFORM_ARGS.has(name))) {
    const end = stage.from.span.end;
    const edits = [{ span: { start: end, end }, text: `\nARG ${name}` }];
    fixes.push({ title: `Declare ARG ${name} in this stage`, edits });
  }
  if (near !== undefined) fixes.push({ title: `Change to ${near}`, edits: [{ span: nameSpan, text: near }] });
  return fixes;
}
