import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { wholeLines } from '../../dockerfile/whole-lines.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

const ONCE: ReadonlySet<string> = new Set(['CMD', 'ENTRYPOINT', 'HEALTHCHECK']);

export const multipleInstructionsDisallowed: DockerfileRule = {
  id: 'MultipleInstructionsDisallowed',
  aliases: ['DL3012', 'DL4003', 'DL4004'],
  severity: 'warning',
  title: 'CMD, ENTRYPOINT and HEALTHCHECK should stand once in a stage: only the last one counts',
  *check(document) {
    for (const stage of document.stages) {
      const last = new Map<string, Instruction>();
      for (const instruction of stage.instructions) {
        const earlier = last.get(instruction.keyword);
        if (ONCE.has(instruction.keyword)) last.set(instruction.keyword, instruction);
        if (earlier === undefined) continue;
        const { keyword, headSpan } = earlier;
        yield {
          span: headSpan,
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
