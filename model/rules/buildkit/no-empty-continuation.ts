import { spanOf } from '#model/text/span.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

export const noEmptyContinuation: BuildCheck = {
  id: 'NoEmptyContinuation',
  severity: 'warning',
  title: 'Empty continuation lines will become errors in a future release',
  *check({ instructions, text }) {
    // BuildKit says it once for an instruction, however many there are.
    for (const { emptyContinuations } of instructions) {
      const lines = emptyContinuations.map(({ start, end }) => {
        const next = text.indexOf('\n', end);
        return spanOf(start, next === -1 ? text.length : next + 1);
      });
      const [span] = lines;
      if (span === undefined) continue;
      const title = lines.length === 1 ? 'Remove the empty line' : 'Remove the empty lines';
      const fixes = [{ title, edits: lines.map((line) => ({ span: line, text: '' })), safe: true as const }];
      yield { span, message: 'Empty continuation line', fixes };
    }
  },
};
