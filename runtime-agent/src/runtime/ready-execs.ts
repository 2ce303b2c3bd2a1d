/**
 * Where programs are run in a container one after another, as editors do, the OCI runtime for the next one is started in
 * advance: it waits for its process.json, a FIFO. See docs/decisions/0013-execs-started-in-advance.md.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { ExecPipes, PipedExec, WantedPipes } from './exec-pipes.ts';
import { feedFifo } from './feed-fifo.ts';
import type { Fifos } from './fifos.ts';

export interface ReadyExec {
  readonly pipes: ExecPipes;
  readonly directory: string;
}

export interface ReadyExecs extends Disposable {
  /** Gives the waiting runtime its process; undefined when none waits with such pipes. */
  take(id: string, process: object, wanted: WantedPipes): ReadyExec | undefined;
  /** A process will be started now, unless its client goes away first. */
  expect(id: string, wanted: WantedPipes): void;
  /** A process is being started: when it came soon after another one, a next is likely. Its runtime gets ready meanwhile. */
  began(id: string, wanted: WantedPipes): void;
  /** The container's run is over: what waits knows only that one. */
  drop(id: string): void;
}

interface ReadyExecsDeps {
  readonly fifos: Pick<Fifos, 'place'>;
  /** New directories are made in it. */
  readonly folder: string;
  readonly launch: (exec: PipedExec) => ExecPipes;
  readonly now?: () => number;
}

interface Waiting extends ReadyExec {
  readonly wanted: WantedPipes;
  readonly fifo: string;
  readonly expiry: NodeJS.Timeout;
  readonly over: AbortController;
}

/** Two execs within this time make a third likely… */
const SOON_MS = 3000;
/** …which is waited for as long. A waiting runtime takes 10 MB. */
const KEPT_MS = 5000;
/** The process that is being started comes first. */
const MEANWHILE_MS = 3;

export function createReadyExecs({ fifos, folder, launch, now = Date.now }: ReadyExecsDeps): ReadyExecs {
  const waiting = new Map<string, Waiting>();
  const last = new Map<string, number>();

  /** Its FIFO is not used again: the runtime may be about to open it. */
  function discard(id: string): void {
    const one = waiting.get(id);
    if (one === undefined) return;
    waiting.delete(id);
    clearTimeout(one.expiry);
    one.pipes.abandon();
    void one.pipes.exited.catch(() => {}).then(() => rm(one.directory, { recursive: true, force: true }));
  }

  function prepare(id: string, wanted: WantedPipes): void {
    if (waiting.has(id)) return;
    const directory = path.join(folder, `exec-ready-${randomBytes(8).toString('hex')}`);
    const fifo = path.join(directory, 'process.json');
    mkdirSync(directory, { mode: 0o700 });
    if (!fifos.place(fifo)) return void rm(directory, { recursive: true, force: true });
    const pipes = launch({ id, directory, processFile: fifo, ...wanted });
    const over = new AbortController();
    const expiry = setTimeout(() => discard(id), KEPT_MS).unref();
    const one: Waiting = { pipes, directory, fifo, wanted, expiry, over };
    waiting.set(id, one);
    const gone = (): void => {
      over.abort();
      if (waiting.get(id) === one) discard(id);
    };
    pipes.exited.then(gone, gone);
  }

  return {
    take(id, process, { stdin, stdout }) {
      const one = waiting.get(id);
      if (one?.wanted.stdin !== stdin || one.wanted.stdout !== stdout) return undefined;
      waiting.delete(id);
      clearTimeout(one.expiry);
      // A runtime that has ended instead says why itself.
      feedFifo(one.fifo, Buffer.from(JSON.stringify(process)), one.over.signal).catch(() => {});
      return one;
    },
    expect: prepare,
    began(id, wanted) {
      const soon = now() - (last.get(id) ?? Number.NEGATIVE_INFINITY) < SOON_MS;
      last.set(id, now());
      if (soon) setTimeout(() => last.has(id) && prepare(id, wanted), MEANWHILE_MS).unref();
    },
    drop(id) {
      last.delete(id);
      discard(id);
    },
    [Symbol.dispose]() {
      last.clear();
      for (const id of waiting.keys()) discard(id);
    },
  };
}
