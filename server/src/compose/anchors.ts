/** Anchors and what they stand for. */
import type { Anchor, ComposeNode } from '#model/compose/tree.ts';
import { type Span, spanOf, touches } from '#model/text/span.ts';
import type { ComposeDocument } from './document.ts';

export function anchorAt({ tree }: ComposeDocument, offset: number): { anchor: Anchor; span: Span } | undefined {
  for (const anchor of tree.anchors) {
    const span = [anchor.span, ...anchor.aliases].find((one) => touches(one, offset));
    if (span !== undefined) return { anchor, span };
  }
  return undefined;
}

/** From the line that the anchor stands in to the end of what it names. */
export function anchoredSpan({ root, text }: ComposeDocument, { span }: Anchor): Span {
  const start = text.lastIndexOf('\n', span.start) + 1;
  return spanOf(start, Math.max(span.end, firstBehind(root, span.end)?.span.end ?? 0));
}

/** The outermost node that starts behind the offset, with nothing before it. */
function firstBehind(node: ComposeNode | undefined, offset: number): ComposeNode | undefined {
  if (node === undefined || node.span.end <= offset) return undefined;
  if (node.span.start >= offset) return node;
  // What an alias or a merge key brings stands elsewhere.
  const children =
    node.kind === 'scalar'
      ? []
      : node.kind === 'list'
        ? node.items
        : node.entries.flatMap(({ value, keySpan, merged }) =>
            merged || value.span.start < keySpan.end ? [] : [value],
          );
  for (const child of children) {
    const found = firstBehind(child, offset);
    if (found !== undefined) return found;
  }
  return undefined;
}
