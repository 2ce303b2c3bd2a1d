/**
 * Where programs are run in a container one after another, as editors do, the OCI runtime for the next one is started in
 * advance: it waits for its process.json, a FIFO. See docs/decisions/0013-execs-started-in-advance.md.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { HostProcess, SpawnOptions } from '../host/host.ts';
import { feedFifo } from './feed-fifo.ts';
import type { Fifos } from './fifos.ts';

export interface ReadyExec {
  readonly process: HostProcess;
  readonly pidFile: string;
  readonly directory: string;
}

export interface ReadyExecs extends Disposable {
  /** Gives the waiting runtime its process; undefined when none waits with such pipes. */
  take(id: string, process: object, options: SpawnOptions): ReadyExec | undefined;
  /** An exec has ended: when it came soon after another one, a next is likely. */
  ended(id: string, options: SpawnOptions): void;
  /** The container's run is over: what waits knows only that one. */
  drop(id: string): void;
}

interface ReadyExecsDeps {
  readonly fifos: Fifos;
  /** New directories are made in it. */
  readonly folder: string;
  readonly launch: (id: string, processFile: string, pidFile: string, options: SpawnOptions) => HostProcess;
  readonly now?: () => number;
}

interface Waiting extends ReadyExec {
  readonly pipes: string;
  readonly fifo: string;
  readonly expiry: NodeJS.Timeout;
  readonly over: AbortController;
}

/** Two execs within this time make a third likely… */
const SOON_MS = 3000;
/** …which is waited for as long. A waiting runtime takes 10 MB. */
const KEPT_MS = 5000;

const pipesOf = ({ stdin, stdout, stderr }: SpawnOptions): string => [stdin, stdout, stderr].join(' ');

export function createReadyExecs({ fifos, folder, launch, now = Date.now }: ReadyExecsDeps): ReadyExecs {
  const waiting = new Map<string, Waiting>();
  const last = new Map<string, number>();

  /** Its FIFO is not used again: the runtime may be about to open it. */
  function discard(id: string): void {
    const one = waiting.get(id);
    if (one === undefined) return;
    waiting.delete(id);
    clearTimeout(one.expiry);
    one.process.kill('SIGKILL');
    void one.process.exited.catch(() => {}).then(() => rm(one.directory, { recursive: true, force: true }));
  }

  function prepare(id: string, options: SpawnOptions): void {
    const directory = path.join(folder, `exec-ready-${randomBytes(8).toString('hex')}`);
    const [fifo, pidFile] = [path.join(directory, 'process.json'), path.join(directory, 'pid')];
    mkdirSync(directory, { mode: 0o700 });
    if (!fifos.place(fifo)) return void rm(directory, { recursive: true, force: true });
    const process = launch(id, fifo, pidFile, options);
    const over = new AbortController();
    const expiry = setTimeout(() => discard(id), KEPT_MS).unref();
    const one: Waiting = { process, pidFile, directory, fifo, pipes: pipesOf(options), expiry, over };
    waiting.set(id, one);
    const gone = (): void => {
      over.abort();
      if (waiting.get(id) === one) discard(id);
    };
    process.exited.then(gone, gone);
  }

  return {
    take(id, process, options) {
      const one = waiting.get(id);
      if (one === undefined || one.pipes !== pipesOf(options)) return undefined;
      waiting.delete(id);
      clearTimeout(one.expiry);
      // A runtime that has ended instead says why itself.
      feedFifo(one.fifo, Buffer.from(JSON.stringify(process)), one.over.signal).catch(() => {});
      return one;
    },
    ended(id, options) {
      const soon = now() - (last.get(id) ?? Number.NEGATIVE_INFINITY) < SOON_MS;
      last.set(id, now());
      if (soon && !waiting.has(id)) prepare(id, options);
    },
    drop(id) {
      last.delete(id);
      discard(id);
    },
    [Symbol.dispose]() {
      for (const id of waiting.keys()) discard(id);
    },
  };
}
