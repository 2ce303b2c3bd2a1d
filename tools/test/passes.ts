/** Which test files have passed with which inputs: they need not be run again. Failures are never remembered. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Pass {
  readonly passed: number;
  readonly skipped: number;
  /** As they are told after a phase. */
  readonly skipReasons: readonly string[];
  /** When it was run: ms since 1970. */
  readonly at: number;
}

export interface PassRecord {
  find(file: string, key: string): Pass | undefined;
  /** @param passes by file */
  keep(passes: ReadonlyMap<string, { readonly key: string; readonly pass: Pass }>): void;
}

/** Of one file: other clones and branches have theirs. */
const KEYS_PER_FILE = 6;

type Stored = Record<string, Record<string, Pass>>;

/**
 * @param root files are recorded relative to it: clones share the record
 * @param store a JSON file; one that cannot be read or written only means running
 */
export function passRecord(root: string, store: string): PassRecord {
  const nameOf = (file: string): string => path.relative(root, file);
  const known = read(store);
  return {
    find: (file, key) => known[nameOf(file)]?.[key],
    keep(passes) {
      const stored = read(store); // another run may have ended meanwhile
      for (const [file, { key, pass }] of passes) {
        const all = Object.entries({ ...stored[nameOf(file)], [key]: pass });
        const latest = all.sort(([, a], [, b]) => b.at - a.at).slice(0, KEYS_PER_FILE);
        stored[nameOf(file)] = Object.fromEntries(latest);
      }
      try {
        mkdirSync(path.dirname(store), { recursive: true });
        const temporary = `${store}.${process.pid}`;
        writeFileSync(temporary, JSON.stringify(stored, undefined, 1));
        renameSync(temporary, store);
      } catch {
        // They are run again.
      }
    },
  };
}

function read(store: string): Stored {
  try {
    return JSON.parse(readFileSync(store, 'utf8')) as Stored;
  } catch {
    return {};
  }
}
