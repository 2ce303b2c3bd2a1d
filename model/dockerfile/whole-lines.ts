import { type Span, spanOf } from '#model/text/span.ts';

/** The span with what is left of it on its lines: from the first line's start to the start of the line behind it. */
export function wholeLines(text: string, span: Span): Span {
  const newline = text.indexOf('\n', span.end);
  return spanOf(text.lastIndexOf('\n', span.start - 1) + 1, newline === -1 ? text.length : newline + 1);
}
