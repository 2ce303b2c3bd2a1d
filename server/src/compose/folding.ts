import { type ComposeNode, entriesOf, itemsOf } from '#model/compose/tree.ts';
import type { FoldingRange } from '../language.ts';
import type { ComposeDocument } from './document.ts';

/** Mappings, lists, texts over several lines, and blocks of comments. */
export function folding({ root, tree, source }: ComposeDocument): FoldingRange[] {
  const { lines } = source;
  const ends = new Map<number, number>();
  const add = (start: number, end: number): void => {
    const [from, to] = [lines.lineAt(start), lines.lineAt(end)];
    if (to > from && to > (ends.get(from) ?? 0)) ends.set(from, to);
  };
  const seen = new Set<ComposeNode>();
  const visit = (node: ComposeNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const { keySpan, value, merged } of entriesOf(node)) {
      // What an alias stands for is elsewhere.
      if (!merged && value.span.start >= keySpan.end) add(keySpan.start, value.span.end);
      visit(value);
    }
    for (const item of itemsOf(node)) {
      add(item.span.start, item.span.end);
      visit(item);
    }
  };
  if (root !== undefined) visit(root);
  const found = [...ends].map(([startLine, endLine]) => ({ startLine, endLine, comment: false }));
  return [...found, ...commentBlocks(tree.comments.map(({ span }) => lines.lineAt(span.start)))];
}

function commentBlocks(commented: readonly number[]): FoldingRange[] {
  const found: FoldingRange[] = [];
  let first = -1;
  let last = -2;
  for (const line of [...commented, Number.POSITIVE_INFINITY]) {
    if (line === last + 1) last = line;
    else {
      if (last > first) found.push({ startLine: first, endLine: last, comment: true });
      first = line;
      last = line;
    }
  }
  return found;
}
