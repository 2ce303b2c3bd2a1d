import { type Span, spanOf } from '#model/text/span.ts';
import type { SemanticToken } from '../language.ts';

/** Tokens may not overlap: what stands inside another cuts it, and of two that only overlap the earlier one stays. */
export function layered(found: readonly SemanticToken[]): SemanticToken[] {
  const sorted = [...found].sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  const result: SemanticToken[] = [];
  /** Those that the place is inside of, the innermost last, each with what is left of it. */
  const open: { readonly type: SemanticToken['type']; rest: Span }[] = [];
  const add = (type: SemanticToken['type'], start: number, end: number): void => {
    if (end > start) result.push({ span: spanOf(start, end), type });
  };
  const closeUntil = (offset: number): void => {
    for (let top = open.at(-1); top !== undefined && top.rest.end <= offset; top = open.at(-1)) {
      add(top.type, top.rest.start, top.rest.end);
      open.pop();
      const outer = open.at(-1);
      if (outer !== undefined) outer.rest = spanOf(Math.max(outer.rest.start, top.rest.end), outer.rest.end);
    }
  };
  for (const { span, type } of sorted) {
    closeUntil(span.start);
    const top = open.at(-1);
    if (top !== undefined) {
      if (span.end > top.rest.end) continue;
      add(top.type, top.rest.start, span.start);
      top.rest = spanOf(span.start, top.rest.end);
    }
    open.push({ type, rest: span });
  }
  closeUntil(Number.POSITIVE_INFINITY);
  return result.sort((a, b) => a.span.start - b.span.start);
}
