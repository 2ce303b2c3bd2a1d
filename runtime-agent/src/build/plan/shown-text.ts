import { expandText, type Lookup } from '#model/dockerfile/expand.ts';
import type { Step } from '#model/dockerfile/stages.ts';

/**
 * An instruction as BuildKit shows it while it is done: with its variables in place, and here-documents by their first line.
 * In a RUN the shell has the last word: quotes stay, and variables that are not set.
 */
export function shownText({ command, original }: Step, lookup: Lookup, escape: '\\' | '`'): string {
  const [first = '', ...rest] = original.split('\n');
  const isRun = command.kind === 'RUN';
  const options = isRun ? { escape, keepQuotes: true, keepUnset: true } : { escape };
  const { value, error } = expandText(first, lookup, options);
  const shown = error === undefined ? value : first;
  return isRun && rest.length > 0 ? `${shown} (${summaryOf(rest)})` : shown;
}

/** @param lines those of the here-documents, with their ends */
function summaryOf(lines: readonly string[]): string {
  const [first = '', ...more] = lines.slice(0, -1).join('\n').trim().split('\n');
  return more.length > 0 ? `${first.trim()}...` : first.trim();
}
