import { createLineIndex } from '../text/line-index.ts';
import type { Span } from '../text/span.ts';

const AROUND = 2;
const RULE = '-'.repeat(20);

/**
 * The lines of a Dockerfile around a place, as BuildKit shows them with an error: `>>>` in front of the lines of the place,
 * a caret under where it starts when it is within one line.
 */
export function excerptOf(file: string, text: string, { start, end }: Span): string {
  const index = createLineIndex(text);
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const [first, last] = [index.lineAt(start), index.lineAt(Math.max(start, end - 1))];
  const shown: string[] = [];
  for (let i = Math.max(0, first - AROUND); i <= Math.min(lines.length - 1, last + AROUND); i++) {
    const isPlace = i >= first && i <= last;
    shown.push(`${String(i + 1).padStart(4)} | ${isPlace ? '>>>' : '   '} ${lines[i]}`.trimEnd());
    if (i !== first || last !== first) continue;
    const line = lines[i] ?? '';
    const column = start - index.startOf(i);
    const width = Math.max(1, Math.min(end - start, line.length - column));
    const blank = line.slice(0, column).replaceAll(/[^\t]/g, ' ');
    if (width < line.trim().length || column > 0) shown.push(`     |     ${blank}^${'~'.repeat(width - 1)}`);
  }
  return [`${file}:${first + 1}`, RULE, ...shown, RULE, ''].join('\n');
}
