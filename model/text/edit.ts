import type { Span } from './span.ts';

/** Replace the span by the text; an empty span inserts. */
export interface TextEdit {
  readonly span: Span;
  readonly text: string;
}

function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Applies edits that refer to the original text. Of edits that overlap, the first of the list wins. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const accepted: TextEdit[] = [];
  for (const edit of edits) if (!accepted.some((other) => overlaps(edit.span, other.span))) accepted.push(edit);
  accepted.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  let result = '';
  let at = 0;
  for (const { span, text: replacement } of accepted) {
    result += text.slice(at, span.start) + replacement;
    at = span.end;
  }
  return result + text.slice(at);
}
