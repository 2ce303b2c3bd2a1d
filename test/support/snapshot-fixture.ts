/** A snapshot store in a temporary directory, with overlay mounts of its layers. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { EngineError } from '../../model/engine-api/errors.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { openSnapshots, type SnapshotStore } from '../../runtime-agent/src/snapshots/store.ts';
import type { TarEntry } from '../../runtime-agent/src/snapshots/tar-entry.ts';
import { createTarReader } from '../../runtime-agent/src/snapshots/tar-reader.ts';
import { openDatabase } from '../../runtime-agent/src/state/database.ts';

export interface SnapshotFixture extends AsyncDisposable {
  readonly root: string;
  readonly store: SnapshotStore;
  /** The store again, as a new engine opens it. @param bootId of the machine after it went down */
  reopen(bootId?: string): SnapshotStore;
  /** Gives the uncompressed tar of a layer whose blob is kept. */
  readonly blobs: Map<string, Buffer>;
  /** Unpacks; gives the chain id. */
  apply(tar: Buffer, parent?: string): Promise<string>;
  /** The unpacked directory of a layer. */
  directory(chainId: string): string;
  /** Mounts the layers, bottom first, with an upper directory of its own; `top` are directories above the layers. */
  mount(chainIds: readonly string[], top?: readonly string[]): Promise<Mounted>;
  /** What is in the store's root, sorted: `['<hex>', 'empty', 'l', 'tmp']`. */
  entries(): string[];
}

export interface Mounted {
  readonly merged: string;
  readonly upper: string;
  unmount(): Promise<void>;
}

export async function snapshotFixture(): Promise<SnapshotFixture> {
  const root = await mkdtemp(path.join(tmpdir(), 'slipway-snapshots-'));
  const database = openDatabase(path.join(root, 'state.db'));
  const blobs = new Map<string, Buffer>();
  const blobTar = async (diffId: string): Promise<Readable> => {
    const blob = blobs.get(diffId);
    if (blob === undefined) throw new EngineError('not-found', diffId);
    return Readable.from([blob], { objectMode: false });
  };
  const reopen = (bootId?: string): SnapshotStore => {
    const boot = bootId === undefined ? {} : { bootId };
    return openSnapshots({ host: linuxHost, database, root: path.join(root, 'snapshots'), blobTar, ...boot });
  };
  const store = reopen();
  const mounts: string[] = [];
  return {
    root,
    store,
    reopen,
    blobs,
    apply: async (tar, parent) => (await store.apply(parent, Readable.from([tar], { objectMode: false }))).chainId,
    directory: (chainId) => store.lowerDirs([chainId])[0] as string,
    async mount(chainIds, top = []) {
      const base = path.join(root, `mount${mounts.length}`);
      const [upper, work, merged] = ['upper', 'work', 'merged'].map((name) => path.join(base, name)) as [
        string,
        string,
        string,
      ];
      for (const directory of [upper, work, merged]) mkdirSync(directory, { recursive: true });
      await linuxHost.mountOverlay({ lower: [...top, ...store.lowerDirs(chainIds)], upper, work, target: merged });
      mounts.push(merged);
      return { merged, upper, unmount: () => linuxHost.unmount(merged) };
    },
    entries: () => readdirSync(path.join(root, 'snapshots')).sort(),
    async [Symbol.asyncDispose]() {
      for (const merged of mounts) await linuxHost.unmount(merged);
      database[Symbol.dispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Every entry of a directory as tar sees it, by path: types, owners, times, extended attributes. */
export function tarView(directory: string): Map<string, TarEntry> {
  const args = ['--create', '--file=-', '--format=posix', '--xattrs', '--xattrs-include=*', '--sort=name', '.'];
  const found = new Map<string, TarEntry>();
  const entry = (one: TarEntry): void => void found.set(one.name.replace(/^\.\/|\/$/g, ''), one);
  const reader = createTarReader({ entry, data: () => {} });
  reader.feed(execFileSync('tar', args, { cwd: directory, maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] }));
  reader.end();
  return found;
}
