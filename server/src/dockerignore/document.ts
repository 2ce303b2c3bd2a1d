import { ignorePatterns, type IgnorePatterns } from '#model/dockerfile/ignore-file.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import type { Source } from '../language.ts';
import { folderOf } from '../paths.ts';
import { type ContextPaths, readContext } from './context-paths.ts';

export interface IgnoreLine {
  readonly kind: 'pattern' | 'comment';
  /** Without white space around it. */
  readonly span: Span;
  readonly text: string;
  /** `!`: takes back what earlier patterns ignore. */
  readonly negated: boolean;
  /** Behind the `!`. */
  readonly pattern: string;
  readonly patternSpan: Span;
}

/** A `.dockerignore` read for the editor. */
export interface IgnoreDocument {
  readonly source: Source;
  readonly text: string;
  readonly lines: readonly IgnoreLine[];
  readonly patterns: readonly IgnoreLine[];
  /** The build context: the folder that the file is in. Undefined for a text that is not saved, or a folder too large. */
  readonly context: ContextPaths | undefined;
  /** What the patterns before the given one ignore. */
  patternsBefore(line: IgnoreLine): IgnorePatterns;
}

export function readIgnoreFile(source: Source): IgnoreDocument {
  const lines = [...linesOf(source)];
  const patterns = lines.filter(({ kind }) => kind === 'pattern');
  let context: ContextPaths | undefined | null = null;
  const patternsBefore = (line: IgnoreLine | undefined): IgnorePatterns =>
    ignorePatterns(patterns.slice(0, line === undefined ? undefined : patterns.indexOf(line)).map(({ text }) => text));
  return {
    source,
    text: source.text,
    lines,
    patterns,
    get context() {
      if (context === null) {
        context =
          source.path === undefined
            ? undefined
            : readContext(source.files, folderOf(source.path), patternsBefore(undefined));
      }
      return context;
    },
    patternsBefore,
  };
}

function* linesOf({ text, lines }: Source): Generator<IgnoreLine> {
  for (let line = 0; line < lines.lineCount; line++) {
    const from = lines.startOf(line) + (line === 0 && text.startsWith('\uFEFF') ? 1 : 0);
    const whole = text.slice(from, lines.endOf(line));
    const trimmed = whole.trim();
    if (trimmed === '') continue;
    const start = from + whole.indexOf(trimmed);
    const end = start + trimmed.length;
    // Only a `#` in the first column makes a comment.
    const isComment = whole.startsWith('#');
    const negated = !isComment && trimmed.startsWith('!');
    const pattern = negated ? trimmed.slice(1).trim() : trimmed;
    yield {
      kind: isComment ? 'comment' : 'pattern',
      span: spanOf(start, end),
      text: trimmed,
      negated,
      pattern,
      patternSpan: spanOf(end - pattern.length, end),
    };
  }
}
