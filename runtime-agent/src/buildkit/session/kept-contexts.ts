/**
 * Build contexts that clients have sent before, so that only what has changed comes again. The contents of one lie one
 * after the other in a file without a name: nothing of it outlives the engine.
 */
import { closeSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { ContextFile, ContextIndex } from '../../build/context/context-tree.ts';

export interface KeptFile extends ContextFile {
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
}

/** A context while a build uses it. */
export interface ContextLease extends Disposable {
  readonly spool: number;
  /** What is here, by path. */
  readonly files: ReadonlyMap<string, KeptFile>;
  /** Where so many bytes can be put. */
  reserve(size: number): number;
  /** What is in the context now. */
  commit(files: ReadonlyMap<string, KeptFile>): void;
  /** What `make` makes of the files; of the same files as the last time, what it made then. */
  derive(files: ReadonlyMap<string, KeptFile>, make: () => ContextIndex): ContextIndex;
}

export interface KeptContexts extends Disposable {
  /** @param key equal for builds of one folder; '' for one that is not kept */
  open(key: string): ContextLease;
  list(): readonly KeptContextInfo[];
  /** Lets go of them once no build uses them; gives the bytes. */
  remove(ids: readonly string[]): number;
}

export interface KeptContextInfo {
  readonly id: string;
  readonly size: number;
  readonly inUse: boolean;
  readonly created: number;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
  readonly uses: number;
}

interface Kept {
  readonly id: string;
  readonly spool: number;
  readonly created: number;
  end: number;
  users: number;
  uses: number;
  lastUsed: number;
  readonly files: Map<string, KeptFile>;
  last: { readonly files: ReadonlyMap<string, KeptFile>; readonly index: ContextIndex } | undefined;
}

/** As many folders as a person builds by turns. */
const MOST = 16;
/** Bytes of contents that have been replaced, beside as many as are in use. */
const WASTE = 256 * 1024 * 1024;

export function createKeptContexts(directory: string, now: () => number = Date.now): KeptContexts {
  const byKey = new Map<string, Kept>();
  const close = (kept: Kept): void => {
    if (kept.users === 0) closeSync(kept.spool);
  };
  const drop = (key: string, kept: Kept): void => {
    byKey.delete(key);
    close(kept);
  };
  const make = (): Kept => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const id = randomBytes(12).toString('hex');
    const file = path.join(directory, `kept-${id}`);
    const spool = openSync(file, 'wx+', 0o600);
    unlinkSync(file);
    return { id, spool, created: now(), end: 0, users: 0, uses: 0, lastUsed: now(), files: new Map(), last: undefined };
  };
  const tidy = (): void => {
    for (const [key, kept] of byKey) {
      const live = kept.files.values().reduce((sum, { size }) => sum + size, 0);
      if (kept.users === 0 && kept.end > 2 * live + WASTE) drop(key, kept);
    }
    const idle = [...byKey].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    for (const [key, kept] of idle.slice(0, Math.max(0, byKey.size - MOST))) drop(key, kept);
  };
  return {
    open(key) {
      const kept = byKey.get(key) ?? make();
      if (key !== '') byKey.set(key, kept);
      kept.users++;
      kept.uses++;
      kept.lastUsed = now();
      return {
        spool: kept.spool,
        files: kept.files,
        reserve(size) {
          const at = kept.end;
          kept.end += size;
          return at;
        },
        // What is not in it now may come back: another Dockerfile of the same folder needs other files.
        commit(files) {
          for (const [path, file] of files) if (kept.files.get(path) !== file) kept.files.set(path, file);
        },
        derive(files, make) {
          if (kept.last !== undefined && isSame(kept.last.files, files)) return kept.last.index;
          const index = make();
          kept.last = { files, index };
          return index;
        },
        [Symbol.dispose]() {
          kept.users--;
          if (byKey.get(key) === kept) tidy();
          else close(kept);
        },
      };
    },
    list: () =>
      [...byKey.values()].map(({ id, end, users, created, lastUsed, uses }) => ({
        id,
        size: end,
        inUse: users > 0,
        created,
        lastUsed,
        uses,
      })),
    remove(ids) {
      let freed = 0;
      for (const [key, kept] of byKey) {
        if (!ids.includes(kept.id)) continue;
        freed += kept.end;
        drop(key, kept);
      }
      return freed;
    },
    [Symbol.dispose]() {
      for (const [key, kept] of byKey) drop(key, kept);
    },
  };
}

/** The same objects by the same paths: what has not changed is the same object. */
function isSame(before: ReadonlyMap<string, KeptFile>, now: ReadonlyMap<string, KeptFile>): boolean {
  if (before.size !== now.size) return false;
  for (const [path, file] of now) if (before.get(path) !== file) return false;
  return true;
}
