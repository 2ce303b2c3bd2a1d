import type { LineIndex } from '#model/text/line-index.ts';
import type { Span } from '#model/text/span.ts';
import type { Finding } from '#model/rules/rule.ts';

export interface LintedFile {
  readonly file: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly findings: readonly Finding[];
}

/** Lines and columns from 1; columns count UTF-16 units; the end is just behind the last character. */
export function placeOf(
  { lines }: LintedFile,
  span: Span,
): { readonly line: number; readonly column: number; readonly endLine: number; readonly endColumn: number } {
  const start = lines.positionAt(span.start);
  const end = lines.positionAt(span.end);
  return {
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}
