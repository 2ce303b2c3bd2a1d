import { type InstructionMount, readMountOption } from '#model/dockerfile/mount-option.ts';
import type { Flag } from '#model/dockerfile/syntax/tree.ts';
import { suggest } from '#model/text/suggest.ts';
import { MOUNT_KEYS, mountFields } from '../../dockerfile/mount-fields.ts';
import { instructionRule } from '../instruction-rule.ts';
import type { Problem } from '#model/rules/rule.ts';

export const invalidMount = instructionRule({
  id: 'InvalidMount',
  severity: 'error',
  fatal: true,
  title: 'RUN --mount takes a known type with the keys of that type',
  concerns: ({ keyword, flags }) => keyword === 'RUN' && flags.length > 0,
  *checkInstruction({ flags }) {
    for (const flag of flags) {
      if (flag.name !== 'mount' || flag.value === undefined || flag.value === '') continue;
      const problem = problemOf(flag);
      if (problem !== undefined) yield problem;
    }
  },
});

function problemOf(flag: Flag): Problem | undefined {
  const fields = mountFields(flag);
  const typeField = fields.find(({ key }) => key === 'type');
  const type = typeField?.value ?? 'bind';
  const keys = MOUNT_KEYS.get(type);
  if (keys === undefined) {
    return { span: typeField?.valueSpan ?? flag.span, message: `unsupported mount type ${JSON.stringify(type)}` };
  }
  for (const { key, keySpan, value, valueSpan } of fields) {
    if (key !== 'type' && !keys.has(key)) {
      const known = [...MOUNT_KEYS.values()].some((others) => others.has(key));
      const near = known ? undefined : suggest(key, keys.keys());
      const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
      const fixes = near === undefined ? [] : [{ title: `Change to ${near}`, edits: [{ span: keySpan, text: near }] }];
      const message = known ? `unexpected key '${key}' for mount type '${type}'` : `unexpected key '${key}'${hint}`;
      return { span: keySpan, message, fixes };
    }
    if (key === 'from' && value?.includes('$') === true) {
      const message = "'from' doesn't support variable expansion, define alias stage instead";
      return { span: valueSpan ?? keySpan, message };
    }
  }
  return valueProblem(flag);
}

/** The builder's own reading of the values, once all keys are known. Variables may stand for anything. */
function valueProblem(flag: Flag): Problem | undefined {
  if (flag.value === undefined || flag.value.includes('$')) return undefined;
  const read = readMountOption(flag.value);
  const error = read.error ?? (isRoot(read.mount) ? 'invalid mount target "/"' : undefined);
  if (error === undefined) return undefined;
  const named = mountFields(flag).find(
    ({ key, value }) =>
      error.includes(key === 'dst' || key === 'destination' ? 'target' : key) ||
      (value !== undefined && value !== '' && error.includes(value)),
  );
  return { span: named?.valueSpan ?? named?.keySpan ?? flag.valueSpan ?? flag.span, message: error };
}

function isRoot({ type, target }: InstructionMount): boolean {
  return type !== 'secret' && type !== 'ssh' && /^\/[./]*$/.test(target) && !target.includes('..');
}
