import { type Span, spanOf } from '#model/text/span.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

export const noEmptyContinuation: BuildCheck = {
  id: 'NoEmptyContinuation',
  severity: 'warning',
  title: 'Empty continuation lines will become errors in a future release',
  *check({ instructions, text }) {
    for (const { emptyContinuations } of instructions) {
      if (emptyContinuations.length === 0) continue;
      for (const lines of together(emptyContinuations, text)) {
        const span = spanOf(lines[0]?.start ?? 0, lines.at(-1)?.end ?? 0);
        const title = lines.length === 1 ? 'Remove the empty line' : 'Remove the empty lines';
        yield { span, message: 'Empty continuation line', fixes: [{ title, edits: [{ span, text: '' }], safe: true }] };
      }
    }
  },
};

/** Whole lines; those right behind each other in one group. */
function together(lines: readonly Span[], text: string): Span[][] {
  const groups: Span[][] = [];
  for (const { start, end } of lines) {
    const next = text.indexOf('\n', end);
    const line = spanOf(start, next === -1 ? text.length : next + 1);
    const group = groups.at(-1);
    if (group?.at(-1)?.end === start) group.push(line);
    else groups.push([line]);
  }
  return groups;
}
