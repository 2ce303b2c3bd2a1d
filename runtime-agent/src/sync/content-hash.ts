/** Hashes of workspace files, remembered by the file's signature so that an unchanged file is read once. */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

export interface HashMemory {
  /** The sha256 in hex of the open file's content. */
  hashOf(path: string, handle: FileHandle): Promise<string>;
  /** Tells what content the engine itself has put there, so that a later look knows it again. */
  remember(path: string, stats: BigIntStats, hash: string): void;
  /** True when the file is still what the engine last wrote or saw there. */
  knows(path: string, stats: BigIntStats): boolean;
  has(path: string): boolean;
  forget(path: string): void;
}

interface Remembered {
  readonly signature: string;
  readonly hash: string;
}

export function createHashMemory(): HashMemory {
  const known = new Map<string, Remembered>();
  return {
    async hashOf(path, handle) {
      const stats = await handle.stat({ bigint: true });
      const signature = signatureOf(stats);
      const before = known.get(path);
      if (before?.signature === signature) return before.hash;
      const hash = createHash('sha256');
      const stream = handle.createReadStream({ autoClose: false, start: 0 });
      for await (const chunk of stream as AsyncIterable<Uint8Array>) hash.update(chunk);
      const result = hash.digest('hex');
      known.set(path, { signature, hash: result });
      return result;
    },
    remember: (path, stats, hash) => void known.set(path, { signature: signatureOf(stats), hash }),
    knows: (path, stats) => known.get(path)?.signature === signatureOf(stats),
    has: (path) => known.has(path),
    forget: (path) => void known.delete(path),
  };
}

/** ctime too: a program can set the mtime back, not the ctime. */
function signatureOf(stats: BigIntStats): string {
  return `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}
