/** A stream to a log server that is opened anew when it breaks. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { EngineError } from '#model/engine-api/errors.ts';

export type StreamAddress =
  | { readonly path: string }
  | { readonly host: string; readonly port: number; readonly tls?: ConnectionOptions };

export interface StreamConnection extends AsyncDisposable {
  /**
   * Resolves when the kernel has all of it; rejects when the connection breaks, or the kernel has not taken it in time, after
   * which the next write reconnects.
   */
  write(bytes: Buffer, signal: AbortSignal, timeoutMs?: number): Promise<void>;
  /** Waits until what the peer answers satisfies `found`. */
  answer(found: (received: Buffer) => boolean, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Connects now; a later write does so by itself. */
  open(): Promise<void>;
}

const CONNECT_MS = 10_000;
const ANSWER_LIMIT = 64 * 1024;

/** The error as Go's net package words it, which Docker's users know. */
function dialError(address: StreamAddress, error: NodeJS.ErrnoException): EngineError {
  const place = 'path' in address ? `unix ${address.path}` : `tcp ${address.host}:${address.port}`;
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connect: connection refused',
    ENOENT: 'connect: no such file or directory',
    ENOTFOUND: 'lookup: no such host',
    ETIMEDOUT: 'i/o timeout',
    EHOSTUNREACH: 'connect: no route to host',
    ENETUNREACH: 'connect: network is unreachable',
  };
  return new EngineError('internal', `dial ${place}: ${reasons[error.code ?? ''] ?? error.message}`, { cause: error });
}

function dial(address: StreamAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket =
      'path' in address
        ? connectTcp(address.path)
        : address.tls === undefined
          ? connectTcp(address.port, address.host)
          : connectTls({ ...address.tls, host: address.host, port: address.port });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(dialError(address, error));
    };
    const timer = setTimeout(() => fail(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })), CONNECT_MS);
    socket.once('error', fail);
    socket.once('path' in address || address.tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

interface Live {
  readonly socket: Socket;
  readonly since: number;
  received: Buffer;
  broken: Error | undefined;
  onChange: (() => void) | undefined;
}

/** @param maxAgeMs a connection older than this is replaced, for names that come to mean another address */
export function createStreamConnection(address: StreamAddress, maxAgeMs = Infinity): StreamConnection {
  let live: Live | undefined;

  const lose = (error: Error): void => {
    if (live === undefined) return;
    const lost = live;
    live = undefined;
    lost.broken = error;
    lost.onChange?.();
    lost.socket.destroy();
  };

  const open = async (): Promise<Live> => {
    if (live !== undefined && Date.now() - live.since > maxAgeMs) lose(new Error('renewed'));
    if (live !== undefined) return live;
    const socket = await dial(address);
    const opened: Live = {
      socket,
      since: Date.now(),
      received: Buffer.alloc(0),
      broken: undefined,
      onChange: undefined,
    };
    live = opened;
    const gone = (error?: Error): void => {
      if (live === opened) lose(error ?? new EngineError('unavailable', 'the log server closed the connection'));
    };
    socket
      .on('error', gone)
      .on('end', () => gone())
      .on('close', () => gone());
    socket.on('data', (chunk: Buffer) => {
      opened.received = Buffer.concat([opened.received, chunk]).subarray(-ANSWER_LIMIT);
      opened.onChange?.();
    });
    socket.unref();
    return opened;
  };

  const until = (on: Live, done: () => boolean, signal: AbortSignal, timeoutMs?: number): Promise<void> => {
    const late = (): void => lose(new EngineError('unavailable', 'the log server does not take or answer in time'));
    return changeOf(on, done, signal, timeoutMs === undefined ? undefined : { ms: timeoutMs, late });
  };

  return {
    open: async () => void (await open()),
    async write(bytes, signal, timeoutMs) {
      const on = await open();
      on.received = Buffer.alloc(0);
      let written = false;
      on.socket.write(bytes, (error) => {
        if (error) return;
        written = true;
        on.onChange?.();
      });
      await until(on, () => written, signal, timeoutMs);
    },
    async answer(found, timeoutMs, signal) {
      if (live === undefined) throw new EngineError('unavailable', 'the log server closed the connection');
      const on = live;
      await until(on, () => found(on.received), signal, timeoutMs);
    },
    async [Symbol.asyncDispose]() {
      const on = live;
      if (on === undefined) return;
      live = undefined;
      await endGently(on.socket);
      on.socket.destroy();
    },
  };
}

/**
 * Settles with the connection's change that `done` waits for, its break, or the signal.
 * @param patience after that time `late` is called, which breaks the connection
 */
function changeOf(
  on: Live,
  done: () => boolean,
  signal: AbortSignal,
  patience: { readonly ms: number; readonly late: () => void } | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      on.onChange = undefined;
      if (error) reject(error);
      else resolve();
    };
    const aborted = (): void => settle(new EngineError('cancelled', 'the log is no longer sent'));
    const timer = patience && setTimeout(patience.late, patience.ms);
    on.onChange = () => {
      if (on.broken !== undefined) settle(on.broken);
      else if (done()) settle();
    };
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    else on.onChange();
  });
}

/** What was written goes out, if the other side takes it soon. */
function endGently(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 1000);
    timer.unref();
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.end();
  });
}
