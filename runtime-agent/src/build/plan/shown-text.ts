import { type ExpandOptions, expandText, type Lookup } from '#model/dockerfile/expand.ts';
import { readMountOption } from '#model/dockerfile/mount-option.ts';
import type { Step } from '#model/dockerfile/stages.ts';
import { isWholeDocument } from './whole-document.ts';

/**
 * An instruction as BuildKit shows it while it is done: with its variables in place, and here-documents by their first line.
 * In a RUN the shell has the last word: quotes stay, and variables that are not set.
 */
export function shownText({ command, original }: Step, lookup: Lookup, escape: '\\' | '`'): string {
  const [first = '', ...rest] = original.split('\n');
  const { value, error } = expandText(first, hiding(command, lookup), optionsFor(command, escape));
  const shown = (error === undefined ? value : first).replace(/^[^ ]+/, (keyword) => keyword.toUpperCase());
  return command.kind === 'RUN' && isWholeDocument(command) ? `${shown} (${summaryOf(rest)})` : shown;
}

function optionsFor({ kind }: Step['command'], escape: '\\' | '`'): ExpandOptions {
  return kind === 'RUN' ? { escape, keepQuotes: true, keepUnset: true } : { escape };
}

/** Variables that hold secrets are not shown. */
function hiding(command: Step['command'], lookup: Lookup): Lookup {
  if (command.kind !== 'RUN') return lookup;
  const hidden = command.mounts.flatMap((option) => {
    const read = readMountOption(option);
    if (read.error !== undefined || read.mount.type !== 'secret') return [];
    return read.mount.env ?? [];
  });
  return (name) => (hidden.includes(name) ? '****' : lookup(name));
}

/** @param lines those of the here-document, with its end */
function summaryOf(lines: readonly string[]): string {
  const [first = '', ...more] = lines.slice(0, -1).join('\n').trim().split('\n');
  return more.length > 0 ? `${first.trim()}...` : first.trim();
}
