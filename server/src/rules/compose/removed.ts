import { type ComposeNode, entriesOf, itemsOf } from '#model/compose/tree.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import { wholeLines } from '#model/dockerfile/whole-lines.ts';
import type { Fix } from '#model/rules/rule.ts';

/** The fix that takes out the key with its value, or the item of a list, that stands at the place; none in `{…}`. */
export function removed(document: ComposeDocument, { start }: Span): Fix[] {
  const { text, source, root } = document;
  const piece = pieceAt(root, start);
  if (piece === undefined) return [];
  const lineStart = source.lines.startOf(source.lines.lineAt(piece.span.start));
  const before = text.slice(lineStart, piece.span.start);
  const end = piece.span.start + text.slice(piece.span.start, piece.span.end).trimEnd().length;
  const behind = text.slice(end, source.lines.endOf(source.lines.lineAt(end)));
  const isAlone = (piece.isItem ? /^\s*- *$/ : /^\s*$/).test(before) && /^\s*(?:#.*)?$/.test(behind);
  if (!isAlone || piece.siblings < 2) return [];
  return [
    { title: `Remove ${piece.name}`, edits: [{ span: wholeLines(text, spanOf(piece.span.start, end)), text: '' }] },
  ];
}

interface Piece {
  readonly name: string;
  readonly span: Span;
  readonly isItem: boolean;
  /** With itself: what would be left empty is not taken out. */
  readonly siblings: number;
}

/** The innermost one; a place in a scalar belongs to what holds the scalar. */
function pieceAt(node: ComposeNode | undefined, at: number): Piece | undefined {
  const entries = entriesOf(node).filter(({ merged }) => !merged);
  for (const { key, keySpan, value } of entries) {
    const span = spanOf(keySpan.start, Math.max(keySpan.end, value.span.end));
    if (at < span.start || at >= span.end) continue;
    return pieceAt(value, at) ?? { name: `'${key}'`, span, isItem: false, siblings: entries.length };
  }
  const items = itemsOf(node);
  for (const item of items) {
    if (at < item.span.start || at >= item.span.end) continue;
    return pieceAt(item, at) ?? { name: 'this item', span: item.span, isItem: true, siblings: items.length };
  }
  return undefined;
}
