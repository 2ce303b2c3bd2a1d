/** How long each test file took the last time: the longest are started first, so that none is left over at the end. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface DurationRecord {
  longestFirst(files: readonly string[]): string[];
  /** Files for so many processes, each about as long as the others. */
  share(files: readonly string[], processes: number): string[][];
  /** @param took by file, in ms */
  keep(took: ReadonlyMap<string, number>): void;
}

/** For a file that never ran: a guess, so that an unknown long one is early. */
const MS_PER_BYTE = 1;

/**
 * @param root files are recorded relative to it: clones share the record
 * @param store a JSON file; one that cannot be read or written only means guessing
 */
export function durationRecord(root: string, store: string): DurationRecord {
  const known = new Map(Object.entries(read(store)));
  const nameOf = (file: string): string => path.relative(root, file);
  const expected = (file: string): number =>
    known.get(nameOf(file)) ?? (statSync(file, { throwIfNoEntry: false })?.size ?? 0) * MS_PER_BYTE;
  const longestFirst = (files: readonly string[]): string[] =>
    files.toSorted((a, b) => expected(b) - expected(a) || a.localeCompare(b));
  return {
    longestFirst,
    share(files, processes) {
      const shares = Array.from({ length: processes }, () => ({ files: [] as string[], ms: 0 }));
      for (const file of longestFirst(files)) {
        const least = shares.reduce((a, b) => (b.ms < a.ms ? b : a));
        least.files.push(file);
        least.ms += expected(file);
      }
      return shares.map((each) => each.files).filter((each) => each.length > 0);
    },
    keep(took) {
      for (const [file, ms] of took) known.set(nameOf(file), Math.round(ms));
      try {
        mkdirSync(path.dirname(store), { recursive: true });
        writeFileSync(store, JSON.stringify(Object.fromEntries(known), undefined, 1));
      } catch {
        // The next run guesses again.
      }
    },
  };
}

function read(store: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(store, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}
