import { bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { instructionRule } from '../instruction-rule.ts';

/** SHELL takes nothing else: that is ShellJsonForm's. */
const TAKES_JSON: ReadonlySet<string> = new Set(['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'VOLUME']);

export const malformedJson = instructionRule({
  id: 'MalformedJson',
  severity: 'warning',
  title: 'What starts like a JSON array should be one: otherwise it is read as plain words',
  concerns: ({ joined, bodyStart }) => joined.text[bodyStart] === '[',
  *checkInstruction(instruction) {
    if (!looksLikeJson(instruction)) return;
    const single = instruction.joined.text.slice(instruction.bodyStart).includes("'");
    const hint = single ? ': JSON strings are in double quotes' : '';
    yield { span: bodySpan(instruction), message: `Not a valid JSON array, so it is read as plain words${hint}` };
  },
});

/** `[` followed by a quote; `[ -f x ]` is a shell test. */
function looksLikeJson({ keyword, json, jsonHasOtherThanStrings, joined, bodyStart }: Instruction): boolean {
  if (!TAKES_JSON.has(keyword) || json !== undefined || jsonHasOtherThanStrings) return false;
  return /^\[\s*["'][^\]]*(?:\]\s*)?$/.test(joined.text.slice(bodyStart));
}
