import type { Span } from '#model/text/span.ts';

/** Of the candidates those that hold the offset, from the innermost out, each around the one before it. */
export function nestedSpans(candidates: Iterable<Span>, offset: number): Span[] {
  const around = [...candidates]
    .filter(({ start, end }) => start <= offset && offset <= end && start < end)
    .sort((a, b) => a.end - a.start - (b.end - b.start));
  const nested: Span[] = [];
  for (const span of around) {
    const inner = nested.at(-1);
    const grows = inner === undefined || (span.start <= inner.start && span.end >= inner.end);
    if (grows && (inner === undefined || span.end - span.start > inner.end - inner.start)) nested.push(span);
  }
  return nested;
}
