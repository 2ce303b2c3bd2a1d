import { spanOf, type Span, textOf } from '#model/text/span.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import type { Fix } from '#model/rules/rule.ts';

/** A key with its value, or an item of a list. */
export interface Piece {
  readonly name: string;
  readonly span: Span;
}

/**
 * The fix that puts pieces which stand on lines of their own in another order. Comments above a piece move along. None
 * where the text is not that simple: several keys on a line, or anchors, which must stand before their aliases.
 *
 * @param order the same pieces in the order that is wanted
 */
export function reordered(document: ComposeDocument, pieces: readonly Piece[], order: readonly Piece[]): Fix[] {
  const { text, source, tree } = document;
  const { lines } = source;
  const [first] = pieces;
  const last = pieces.at(-1);
  if (first === undefined || last === undefined) return [];
  if (areInFlow(text, pieces)) return swapped(text, pieces, order);
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

/** Items of `[a, b]`, with nothing but commas and blanks between them. */
function areInFlow(text: string, pieces: readonly Piece[]): boolean {
  return (
    pieces.length > 1 &&
    pieces.slice(1).every(({ span }, i) => {
      return /^\s*,\s*$/.test(text.slice(pieces[i]?.span.end, span.start));
    })
  );
}

/** Each place gets another piece. */
function swapped(text: string, pieces: readonly Piece[], order: readonly Piece[]): Fix[] {
  const edits = pieces.flatMap(({ span }, i) => {
    const [old, replacement] = [textOf(text, span), textOf(text, order[i]?.span ?? span)];
    return old === replacement ? [] : [{ span, text: replacement }];
  });
  return [{ title: 'Put them in order', edits, safe: true }];
}

/** The line's start, or that of the comments right above it; what dclint wants in the first line stays there. */
function startOfBlock({ text, source: { lines } }: ComposeDocument, offset: number): number {
  let line = lines.lineAt(offset);
  const isComment = (one: number): boolean =>
    /^[ \t]*#(?!\s*dclint\s+disable(?:-file)?(?![\w-]))/.test(text.slice(lines.startOf(one), lines.endOf(one)));
  while (line > 0 && isComment(line - 1)) line--;
  return lines.startOf(line);
}

/** Behind the line break of the last line that belongs to it. */
function endOfBlock({ text, source: { lines } }: ComposeDocument, offset: number): number {
  const at = text.slice(0, offset).trimEnd().length;
  const line = lines.lineAt(at);
  return line + 1 < lines.lineCount ? lines.startOf(line + 1) : text.length;
}
