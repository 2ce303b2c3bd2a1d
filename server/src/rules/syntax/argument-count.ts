import { bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { Span } from '#model/text/span.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import { instructionRule } from '../instruction-rule.ts';

const AT_LEAST_ONE: ReadonlySet<string> = new Set([
  'ARG',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'SHELL',
  'VOLUME',
]);
const EXACTLY_ONE: ReadonlySet<string> = new Set(['MAINTAINER', 'STOPSIGNAL', 'USER', 'WORKDIR']);

export const argumentCount = instructionRule({
  id: 'ArgumentCount',
  severity: 'error',
  fatal: true,
  title: 'An instruction needs its arguments',
  concerns: ({ keyword, words, json }) =>
    words.length < 2 || json !== undefined || ['FROM', 'ENV', 'LABEL'].includes(keyword),
  *checkInstruction(instruction, document) {
    const message = messageFor(instruction, document);
    if (message !== undefined) yield { span: spanFor(instruction), message };
  },
});

function messageFor(instruction: Instruction, document: DockerfileDocument): string | undefined {
  const { keyword, words, json } = instruction;
  const count = keyword === 'HEALTHCHECK' ? words.length : (json?.items.length ?? words.length);
  if (keyword === 'FROM') {
    const ok = count === 1 || (count === 3 && words[1]?.text.toLowerCase() === 'as');
    return ok ? undefined : 'FROM requires either one or three arguments';
  }
  if (keyword === 'COPY' || keyword === 'ADD') {
    // BuildKit says so of none, too.
    const why = 'but only one was provided. Destination could not be determined';
    return count < 2 ? `${keyword} requires at least two arguments, ${why}` : undefined;
  }
  if (AT_LEAST_ONE.has(keyword) && count === 0) return `${keyword} requires at least one argument`;
  if (EXACTLY_ONE.has(keyword) && count === 0) return `${keyword} requires exactly one argument`;
  const [property] = document.properties(instruction);
  return property?.legacy === true && property.value === undefined ? `${keyword} must have two arguments` : undefined;
}

/** What stands too much in FROM, what stands alone elsewhere, the keyword when nothing does. */
function spanFor(instruction: Instruction): Span {
  const { keyword, words, nameSpan } = instruction;
  if (words.length === 0) return nameSpan;
  const [, second] = words;
  if (keyword !== 'FROM' || second === undefined) return bodySpan(instruction);
  const wrong = second.text.toLowerCase() === 'as' ? (words[3] ?? second) : second;
  return { start: wrong.span.start, end: bodySpan(instruction).end };
}
