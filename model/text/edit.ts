import { disjointEdits } from './disjoint-edits.ts';
import type { Span } from './span.ts';

/** Replace the span by the text; an empty span inserts. */
export interface TextEdit {
  readonly span: Span;
  readonly text: string;
}

function overlap({ span: a }: TextEdit, { span: b }: TextEdit): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Applies edits that refer to the original text. Of edits that overlap, the first of the list wins. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const accepted = disjointEdits(overlap);
  for (const edit of edits) if (accepted.fits(edit)) accepted.add(edit);
  let result = '';
  let at = 0;
  for (const { span, text: replacement } of accepted.edits) {
    result += text.slice(at, span.start) + replacement;
    at = span.end;
  }
  return result + text.slice(at);
}
