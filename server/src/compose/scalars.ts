import type { ScalarNode } from '#model/compose/tree.ts';
import { type Span, spanOf } from '#model/text/span.ts';

/**
 * The place of [start, end) of a scalar's text. In quoted text with escapes, and in text over several lines, places
 * cannot be told apart: then it is the whole scalar.
 */
export function partSpan(node: ScalarNode, start: number, end: number): Span {
  const { span, text, style } = node;
  const margin = style === 'quoted' ? 1 : 0;
  const isExact = style !== 'block' && span.end - span.start === text.length + 2 * margin;
  return isExact ? spanOf(span.start + margin + start, span.start + margin + end) : span;
}
