/** A piece of a text by UTF-16 offsets: `start` inclusive, `end` exclusive. Editors' line/character pairs stay at the edges. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export function spanOf(start: number, end: number): Span {
  return { start, end };
}

/** Is the offset in the span? A caret just behind the last character counts, as it does for editors. */
export function touches(span: Span, offset: number): boolean {
  return offset >= span.start && offset <= span.end;
}

export function textOf(text: string, span: Span): string {
  return text.slice(span.start, span.end);
}
