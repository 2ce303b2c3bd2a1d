import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { wholeLines } from '#model/dockerfile/whole-lines.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

/** With hadolint's number for each. */
const ONCE: Readonly<Record<string, string>> = { CMD: 'DL4003', ENTRYPOINT: 'DL4004', HEALTHCHECK: 'DL3012' };

export const multipleInstructionsDisallowed: BuildCheck = {
  id: 'MultipleInstructionsDisallowed',
  aliases: ['DL3012', 'DL4003', 'DL4004'],
  severity: 'warning',
  title: 'CMD, ENTRYPOINT and HEALTHCHECK should stand once in a stage: only the last one counts',
  *check(document) {
    const last = new Map<string, Instruction>();
    for (const instruction of document.withKeyword('FROM', ...Object.keys(ONCE))) {
      const { keyword } = instruction;
      const alias = ONCE[keyword];
      if (alias === undefined) {
        last.clear();
        continue;
      }
      const earlier = last.get(keyword);
      last.set(keyword, instruction);
      if (earlier === undefined) continue;
      const { headSpan } = earlier;
      yield {
        span: headSpan,
        aliases: [alias],
        message: `Multiple ${keyword} instructions should not be used in the same stage because only the last one will be used`,
        tag: 'unnecessary',
        fixes: [{ title: `Remove this ${keyword}`, edits: [{ span: wholeLines(document.text, headSpan), text: '' }] }],
      };
    }
  },
};
