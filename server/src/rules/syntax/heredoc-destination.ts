import { instructionRule } from '../instruction-rule.ts';

export const heredocDestination = instructionRule({
  id: 'HeredocDestination',
  severity: 'error',
  fatal: true,
  title: 'A heredoc is a source, never the destination',
  concerns: ({ heredocs }) => heredocs.length > 0,
  *checkInstruction({ keyword, words, heredocs, json }) {
    const last = words.at(-1);
    if ((keyword !== 'COPY' && keyword !== 'ADD') || json !== undefined || last === undefined || words.length < 2)
      return;
    if (!heredocs.some(({ opener }) => opener.start === last.span.start)) return;
    yield { span: last.span, message: `${keyword} cannot accept a heredoc as a destination` };
  },
});
