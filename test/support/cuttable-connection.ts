/** A real connection to an engine that a test can cut, as a lost SSH connection would be, and get back. */
import type { Duplex } from 'node:stream';
import { openConnection } from '../../client/src/hosts/connection.ts';
import type { EngineConnection, HostKind } from '../../client/src/hosts/engine-connection.ts';
import type { HostShell } from '../../client/src/hosts/host-shell.ts';
import { localShell } from '../../client/src/hosts/local-shell.ts';

export interface CuttableConnection extends AsyncDisposable {
  /** The live connection; waits for the next one after a cut. */
  connect(signal?: AbortSignal): Promise<EngineConnection>;
  /** Breaks every stream there is. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Breaks every stream once this many more bytes have been sent. */
  cutAfter(bytes: number): void;
}

export async function cuttableConnection(socketPath: string, kind: HostKind = 'ssh'): Promise<CuttableConnection> {
  const streams = new Set<Duplex>();
  let budget = Number.POSITIVE_INFINITY;
  let up = true;
  const shell = localShell();
  const breakAll = (): void => {
    up = false;
    for (const stream of streams) stream.destroy();
  };
  const dial: HostShell['dial'] = async (path, signal) => {
    if (!up) throw new Error('the connection is cut');
    const stream = await shell.dial(path, signal);
    streams.add(stream);
    stream.on('close', () => streams.delete(stream)).on('error', () => {});
    const write = stream._write.bind(stream);
    stream._write = (chunk: Buffer, encoding, done) => {
      budget -= chunk.length;
      if (budget < 0) return breakAll();
      write(chunk, encoding, done);
    };
    Object.assign(stream, { _writev: null }); // else pieces written together would pass uncounted
    return stream;
  };
  const open = (): Promise<EngineConnection> =>
    openConnection({ id: 'test', label: 'test host', kind, shell: { ...shell, dial }, socketPath });
  let current = Promise.withResolvers<EngineConnection>();
  current.resolve(await open());
  return {
    connect: async (signal) => {
      const aborted = new Promise<never>((_, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      });
      return await Promise.race([current.promise, aborted]);
    },
    async cut() {
      const old = await current.promise;
      current = Promise.withResolvers();
      breakAll();
      await old[Symbol.asyncDispose]();
    },
    async restore() {
      up = true;
      budget = Number.POSITIVE_INFINITY;
      current.resolve(await open());
    },
    cutAfter(bytes) {
      budget = bytes;
    },
    async [Symbol.asyncDispose]() {
      if (up) await (await current.promise)[Symbol.asyncDispose]();
    },
  };
}
