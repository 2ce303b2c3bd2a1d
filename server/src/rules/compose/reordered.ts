import { spanOf, type Span } from '#model/text/span.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import type { Fix } from '#model/rules/rule.ts';

/** A key with its value, or an item of a list. */
export interface Piece {
  readonly name: string;
  readonly span: Span;
}

/**
 * The fix that puts pieces which stand on lines of their own in another order. Comments above a piece move along. None
 * where the text is not that simple: several pieces on a line, or anchors, which must stand before their aliases.
 *
 * @param order the same pieces in the order that is wanted
 */
export function reordered(document: ComposeDocument, pieces: readonly Piece[], order: readonly Piece[]): Fix[] {
  const { text, source, tree } = document;
  const { lines } = source;
  const [first] = pieces;
  const last = pieces.at(-1);
  if (first === undefined || last === undefined) return [];
  const starts = pieces.map(({ span }) => startOfBlock(document, span.start));
  const end = endOfBlock(document, last.span.end);
  const [start = 0] = starts;
  const isSimple = pieces.every(({ span }, i) => {
    const indent = text.slice(lines.startOf(lines.lineAt(span.start)), span.start);
    return /^(?:[ \t]|- )*$/.test(indent) && (starts[i + 1] ?? end) > span.start;
  });
  const region = spanOf(start, end);
  const hasAnchors = tree.anchors.some((anchor) => anchor.span.start >= start && anchor.span.end <= end);
  if (!isSimple || hasAnchors || new Set(starts).size < starts.length) return [];
  const blocks = new Map(pieces.map((piece, i) => [piece, text.slice(starts[i], starts[i + 1] ?? end)]));
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const moved = order
    .map((piece) => blocks.get(piece) ?? '')
    .map((block) => (block.endsWith('\n') ? block : block + newline));
  const joined = moved.join('');
  const fixed = text.slice(start, end).endsWith('\n') ? joined : joined.slice(0, -newline.length);
  return [{ title: 'Put them in order', edits: [{ span: region, text: fixed }], safe: true }];
}

/** The line's start, or that of the comments right above it. */
function startOfBlock({ text, source: { lines } }: ComposeDocument, offset: number): number {
  let line = lines.lineAt(offset);
  while (line > 0 && /^[ \t]*#/.test(text.slice(lines.startOf(line - 1), lines.endOf(line - 1)))) line--;
  return lines.startOf(line);
}

/** Behind the line break of the last line that belongs to it. */
function endOfBlock({ text, source: { lines } }: ComposeDocument, offset: number): number {
  const at = text.slice(0, offset).trimEnd().length;
  const line = lines.lineAt(at);
  return line + 1 < lines.lineCount ? lines.startOf(line + 1) : text.length;
}
