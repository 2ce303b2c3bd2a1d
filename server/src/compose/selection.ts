import { type ComposeNode, entriesOf, itemsOf } from '#model/compose/tree.ts';
import { type Span, spanOf, touches } from '#model/text/span.ts';
import { nestedSpans } from '../selection.ts';
import type { ComposeDocument } from './document.ts';

/** Word, value without and with quotes, key with its value, everything in the mapping, file. */
export function selection({ root, text }: ComposeDocument, offset: number): Span[] {
  const spans: Span[] = [wordAround(text, offset), spanOf(0, text.length)];
  const visit = (node: ComposeNode): void => {
    if (!touches(node.span, offset)) return;
    spans.push(node.span);
    if (node.kind === 'scalar' && node.style === 'quoted') spans.push(spanOf(node.span.start + 1, node.span.end - 1));
    for (const { keySpan, value, merged } of entriesOf(node)) {
      if (merged) continue;
      spans.push(keySpan, spanOf(keySpan.start, Math.max(keySpan.end, value.span.end)));
      if (value.span.start >= keySpan.end) visit(value);
    }
    for (const item of itemsOf(node)) visit(item);
  };
  if (root !== undefined) visit(root);
  return nestedSpans(spans, offset);
}

function wordAround(text: string, offset: number): Span {
  let [start, end] = [offset, offset];
  while (start > 0 && /\w/.test(text[start - 1] ?? '')) start--;
  while (/\w/.test(text[end] ?? '')) end++;
  return spanOf(start, end);
}
