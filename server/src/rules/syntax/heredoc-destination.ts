import { withTriggers } from '../../dockerfile/document.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const heredocDestination: DockerfileRule = {
  id: 'HeredocDestination',
  severity: 'error',
  fatal: true,
  title: 'A heredoc is a source, never the destination',
  *check(document) {
    for (const { keyword, words, heredocs, json } of withTriggers(document)) {
      const last = words.at(-1);
      if ((keyword !== 'COPY' && keyword !== 'ADD') || json !== undefined || last === undefined || words.length < 2)
        continue;
      if (!heredocs.some(({ opener }) => opener.start === last.span.start)) continue;
      yield { span: last.span, message: `${keyword} cannot accept a heredoc as a destination` };
    }
  },
};
