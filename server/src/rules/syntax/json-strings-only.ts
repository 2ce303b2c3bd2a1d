import { sourceSpan } from '#model/dockerfile/syntax/joined-text.ts';
import { instructionRule } from '../instruction-rule.ts';

export const jsonStringsOnly = instructionRule({
  id: 'JsonStringsOnly',
  severity: 'error',
  fatal: true,
  title: 'The JSON form takes strings only',
  concerns: ({ jsonHasOtherThanStrings }) => jsonHasOtherThanStrings,
  *checkInstruction({ joined, bodyStart, bodyEnd }) {
    const start = joined.text.indexOf('[', bodyStart);
    const body = joined.text.slice(start, bodyEnd);
    const other = /[^\s[\],"]+/.exec(body.replaceAll(/"(?:[^"\\]|\\.)*"/g, (text) => '"'.repeat(text.length)));
    const at = start + (other?.index ?? 0);
    const length = other?.[0].length ?? body.length;
    const text = joined.text.slice(at, at + length);
    const span = sourceSpan(joined, at, at + length);
    yield {
      span,
      message: 'when using JSON array syntax, arrays must be comprised of strings only',
      fixes: /^[\w.-]+$/.test(text) ? [{ title: 'Put it in quotes', edits: [{ span, text: `"${text}"` }] }] : [],
    };
  },
});
