import { spanOf } from '#model/text/span.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

export const noEmptyContinuation: BuildCheck = {
  id: 'NoEmptyContinuation',
  severity: 'warning',
  title: 'Empty continuation lines will become errors in a future release',
  *check({ instructions, text }) {
    for (const { emptyContinuations } of instructions) {
      for (const line of emptyContinuations) {
        const next = text.indexOf('\n', line.end);
        const span = spanOf(line.start, next === -1 ? text.length : next + 1);
        const fixes = [{ title: 'Remove the empty line', edits: [{ span, text: '' }], safe: true as const }];
        yield { span, message: 'Empty continuation line', fixes };
      }
    }
  },
};
