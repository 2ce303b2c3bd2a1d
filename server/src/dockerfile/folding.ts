import type { FoldingRange } from '../language.ts';
import type { DockerfileDocument } from './document.ts';

/** Stages, instructions over several lines, and blocks of comments. */
export function folding({ stages, instructions, tree, source }: DockerfileDocument): FoldingRange[] {
  const { lines } = source;
  const ranges: FoldingRange[] = [];
  const add = (startLine: number, endLine: number, comment: boolean): void => {
    if (endLine > startLine) ranges.push({ startLine, endLine, comment });
  };
  for (const { from, instructions: inside } of stages) {
    add(lines.lineAt(from.span.start), lines.lineAt((inside.at(-1) ?? from).span.end), false);
  }
  for (const { span } of instructions) add(lines.lineAt(span.start), lines.lineAt(span.end), false);
  let start = -1;
  let previous = -2;
  for (const { span } of tree.comments) {
    const line = lines.lineAt(span.start);
    if (line !== previous + 1) {
      add(start, previous, true);
      start = line;
    }
    previous = line;
  }
  add(start, previous, true);
  return ranges;
}
