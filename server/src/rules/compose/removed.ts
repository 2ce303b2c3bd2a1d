import { type ComposeNode, entriesOf, itemsOf } from '#model/compose/tree.ts';
import { wholeLines } from '#model/dockerfile/whole-lines.ts';
import type { Fix } from '#model/rules/rule.ts';
import { lastStarting } from '#model/text/sorted.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import type { ComposeDocument } from '../../compose/document.ts';

/** The fix that takes out the key with its value, or the item of a list, that stands at the place; what is empty then too. */
export function removed(document: ComposeDocument, { start }: Span): Fix[] {
  const path = pathTo(document, document.root, start);
  const piece = path.findLast(({ siblings }) => siblings > 1);
  const innermost = path.at(-1);
  if (piece === undefined || innermost === undefined) return [];
  // A service that has nothing left is not what anybody wants.
  if (piece !== innermost && path[0]?.name === "'services'" && path.indexOf(piece) < 2) return [];
  const span = piece.inFlow ? withComma(document.text, piece.span) : onItsLines(document, piece);
  return span === undefined ? [] : [{ title: `Remove ${innermost.name}`, edits: [{ span, text: '' }] }];
}

interface Piece {
  readonly name: string;
  readonly span: Span;
  readonly isItem: boolean;
  /** Inside of `[…]` or `{…}`. */
  readonly inFlow: boolean;
  /** With itself. */
  readonly siblings: number;
}

/** From the outermost to the innermost; a place in a scalar belongs to what holds the scalar. */
function pathTo(document: ComposeDocument, node: ComposeNode | undefined, at: number): Piece[] {
  if (node === undefined) return [];
  const inFlow = '[{'.includes(document.text[node.span.start] ?? ' ');
  const entries = entriesOf(node);
  // What merge keys brought comes last, and stands elsewhere.
  const siblings = entries.findLastIndex(({ merged }) => !merged) + 1;
  const entry = entries[lastStarting(entries, at, ({ merged, keySpan }) => (merged ? Infinity : keySpan.start))];
  if (entry !== undefined) {
    const { key, keySpan, value } = entry;
    const span = spanOf(keySpan.start, Math.max(keySpan.end, value.span.end));
    if (at >= span.end) return [];
    return [{ name: `'${key}'`, span, isItem: false, inFlow, siblings }, ...pathTo(document, value, at)];
  }
  const items = itemsOf(node);
  const item = itemAt(items, at);
  if (item === undefined) return [];
  const piece = { name: 'this item', span: item.span, isItem: true, inFlow, siblings: items.length };
  return [piece, ...pathTo(document, item, at)];
}

/** An alias among the items shows what stands elsewhere: then they are not in the order of the text. */
function itemAt(items: readonly ComposeNode[], at: number): ComposeNode | undefined {
  const isHere = (item: ComposeNode | undefined): item is ComposeNode =>
    item !== undefined && at >= item.span.start && at < item.span.end;
  const guess = items[lastStarting(items, at, ({ span }) => span.start)];
  return isHere(guess) ? guess : items.find(isHere);
}

/** The comma behind it, or before it where it is the last. */
function withComma(text: string, { start, end }: Span): Span | undefined {
  const behind = /^\s*,[ \t]*/.exec(text.slice(end));
  if (behind !== null) return spanOf(start, end + behind[0].length);
  const before = /,\s*$/.exec(text.slice(0, start));
  return before === null ? undefined : spanOf(before.index, end);
}

/** None where something else stands on its lines. */
function onItsLines({ text, source: { lines } }: ComposeDocument, { span, isItem }: Piece): Span | undefined {
  const before = text.slice(lines.startOf(lines.lineAt(span.start)), span.start);
  const end = span.start + text.slice(span.start, span.end).trimEnd().length;
  const behind = text.slice(end, lines.endOf(lines.lineAt(end)));
  const isAlone = (isItem ? /^\s*- *$/ : /^\s*$/).test(before) && /^\s*(?:#.*)?$/.test(behind);
  return isAlone ? wholeLines(text, spanOf(span.start, end)) : undefined;
}
