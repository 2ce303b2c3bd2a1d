import { type Span, spanOf } from '#model/text/span.ts';
import type { Instruction, JoinedText } from './tree.ts';

/** Where the character `at` of the joined text is in the file. */
export function sourceOffset(joined: JoinedText, at: number): number {
  let low = 0;
  let high = joined.pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((joined.pieces[middle]?.at ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  const piece = joined.pieces[low];
  return piece === undefined ? at : piece.source + (at - piece.at);
}

/** The place in the file of [start, end) of the joined text; it may run over several lines. */
export function sourceSpan(joined: JoinedText, start: number, end: number): Span {
  const from = sourceOffset(joined, start);
  return end <= start ? spanOf(from, from) : spanOf(from, sourceOffset(joined, end - 1) + 1);
}

/** The arguments as one text: what stands behind keyword and flags. */
export function bodyOf(instruction: Instruction): string {
  return instruction.joined.text.slice(instruction.bodyStart, instruction.bodyEnd);
}

/** The arguments' place in the file; just behind the keyword and flags when there are none. */
export function bodySpan(instruction: Instruction): Span {
  return sourceSpan(instruction.joined, instruction.bodyStart, instruction.bodyEnd);
}
