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
    for (const { instructions } of document.parts.filter(({ onbuild }) => !onbuild)) {
      const last = new Map<string, Instruction>();
      for (const instruction of instructions) {
        const earlier = last.get(instruction.keyword);
        const alias = ONCE[instruction.keyword];
        if (alias !== undefined) last.set(instruction.keyword, instruction);
        if (earlier === undefined || alias === undefined) continue;
        const { keyword, headSpan } = earlier;
        yield {
          span: headSpan,
          aliases: [alias],
          message: `Multiple ${keyword} instructions should not be used in the same stage because only the last one will be used`,
          tag: 'unnecessary',
          fixes: [
            { title: `Remove this ${keyword}`, edits: [{ span: wholeLines(document.text, headSpan), text: '' }] },
          ],
        };
      }
    }
  },
};
