/**
 * Which layers are not known to be on disk. Making each wait for the disk would more than double the time of a pull, so a
 * layer is noted as unsynced in the transaction that makes it visible, and the note goes when syncfs(2) has returned. A note
 * of an earlier boot says that the machine went down in between: the layer may have empty files, and has to be looked at.
 */
import { readFileSync } from 'node:fs';
import type { Host } from '../host/host.ts';
import type { Database } from '../state/collection.ts';

export interface Durability {
  /** To be called in the transaction that records the layer. */
  note(diffId: string): void;
  forget(diffId: string): void;
  /** Writes everything to disk in the next pause; then the notes made before are gone. */
  settle(): void;
  /** Does at once what was asked of `settle`; resolves when it is done. */
  settled(): Promise<void>;
  /** Layers that the machine may have lost. */
  suspects(): readonly string[];
}

export interface DurabilityDependencies {
  readonly host: Pick<Host, 'run'>;
  readonly database: Database;
  /** A directory of the file system where the layers are. */
  readonly root: string;
  /** Default: the kernel's; another one after each boot. */
  readonly bootId?: string | undefined;
}

interface Note {
  readonly boot: string;
}

/** A sync holds up those who make files: it waits for a pause between layers… */
const QUIET_MS = 1000;
/** …but not for ever. */
const LONGEST_MS = 15_000;

export function openDurability({ host, database, root, bootId }: DurabilityDependencies): Durability {
  const notes = database.collection<Note>('unsynced_layers');
  const boot = bootId ?? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const own = (): string[] => notes.all().flatMap(({ id, value }) => (value.boot === boot ? [id] : []));
  let timer: NodeJS.Timeout | undefined;
  let since: number | undefined;
  let running: Promise<void> = Promise.resolve();
  const sync = async (): Promise<void> => {
    const ids = own();
    if (ids.length === 0) return;
    await host.run('sync', ['--file-system', '--', root]);
    database.transaction(() => {
      for (const id of ids) notes.delete(id);
    });
  };
  const begin = (): void => {
    clearTimeout(timer);
    timer = since = undefined;
    // What cannot be synced stays noted: the next layer tries again.
    running = running.then(sync).catch(() => {});
  };
  return {
    note: (diffId) => notes.put(diffId, { boot }),
    forget: (diffId) => void notes.delete(diffId),
    settle() {
      clearTimeout(timer);
      since ??= Date.now();
      timer = setTimeout(begin, Math.min(QUIET_MS, Math.max(0, since + LONGEST_MS - Date.now()))).unref();
    },
    settled() {
      if (timer !== undefined) begin();
      return running;
    },
    suspects: () => notes.all().flatMap(({ id, value }) => (value.boot === boot ? [] : [id])),
  };
}
