/** Parts the test files of a run into those that must be run and those whose pass still holds. */
import { inputsOf } from './inputs.ts';
import type { Pass, PassRecord } from './passes.ts';

export interface Split {
  readonly changed: readonly string[];
  /** The pass of each file that is not run. */
  readonly unchanged: ReadonlyMap<string, Pass>;
  /** Remembers what has passed now, unless its inputs have changed while it ran. */
  keep(passes: ReadonlyMap<string, Pass>): void;
}

export interface SplitOptions {
  readonly root: string;
  readonly record: PassRecord;
  /** What counts besides the repository's files. */
  readonly machine: string;
  /** Everything is run. */
  readonly all: boolean;
}

/** @param files absolute */
export function splitUnchanged(files: readonly string[], { root, record, machine, all }: SplitOptions): Split {
  const keys = keysOf(files);
  const unchanged = new Map<string, Pass>();
  for (const file of all ? [] : files) {
    const key = keys.get(file);
    const pass = key === undefined ? undefined : record.find(file, key);
    if (pass !== undefined) unchanged.set(file, pass);
  }
  return {
    changed: files.filter((file) => !unchanged.has(file)),
    unchanged,
    keep(passes) {
      const now = keysOf([...passes.keys()]);
      const kept = [...passes].flatMap(([file, pass]) => {
        const key = keys.get(file);
        return key === undefined || key !== now.get(file) ? [] : [[file, { key, pass }] as const];
      });
      record.keep(new Map(kept));
    },
  };

  /** A file whose inputs cannot be read has no key: it is run. */
  function keysOf(some: readonly string[]): Map<string, string> {
    const inputs = inputsOf(root);
    const keys = new Map<string, string>();
    for (const file of some) {
      try {
        keys.set(file, `${machine.slice(0, 16)}-${inputs.keyOf(file)}`);
      } catch {
        continue;
      }
    }
    return keys;
  }
}
