/** Connections to TCP ports inside a container's network namespace, through one helper process per namespace. */
import { mkdir, readlink, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Host, HostProcess } from '../host/host.ts';

export interface Relay extends AsyncDisposable {
  /**
   * @param pid a host pid in the namespace  @param host an IP address there
   * Throws EngineError('unavailable') when nothing listens.
   */
  dial(pid: number, host: string, port: number): Promise<Socket>;
}

export interface RelayDeps {
  readonly host: Host;
  /** A helper ends with the container that it was started for: it must not keep the namespace alive. */
  readonly events: Pick<EventLog, 'subscribe'>;
  /** For the helpers' sockets. */
  readonly execRoot: string;
  /** See relayCommand. */
  readonly command: readonly string[];
  /** A helper that nobody uses ends after this time. */
  readonly idleMs?: number;
}

interface Helper {
  readonly namespace: string;
  readonly socket: string;
  readonly process: HostProcess;
  readonly pid: number;
  users: number;
  idle?: NodeJS.Timeout;
}

const IDLE_MS = 60_000;

/** @param program the engine's: the helper's lies beside it, both as bundles or both as sources */
export function relayCommand(program: string): string[] {
  const { dir, ext } = path.parse(program);
  // What streams through it is garbage at once: to be collected in parts of 1 MB instead of 16.
  return [process.execPath, '--max-semi-space-size=1', path.join(dir, `netns-relay${ext}`)];
}

export function createRelay(deps: RelayDeps): Relay {
  const helpers = new Map<string, Promise<Helper>>();
  let unsubscribe: (() => void) | undefined;
  const watchEnds = (): void => {
    unsubscribe ??= deps.events.subscribe(({ Type, Action }) => {
      if (Type === 'container' && Action === 'die') for (const starting of helpers.values()) void endIfLeft(starting);
    });
  };
  const forget = (namespace: string): void => {
    helpers.delete(namespace);
    if (helpers.size > 0) return;
    unsubscribe?.();
    unsubscribe = undefined;
  };
  const ensure = async (pid: number): Promise<Helper> => {
    const namespace = await namespaceOf(pid);
    const known = helpers.get(namespace);
    if (known !== undefined) return await known;
    const starting = startHelper(deps, pid, namespace);
    helpers.set(namespace, starting);
    watchEnds();
    const gone = (): void => {
      if (helpers.get(namespace) === starting) forget(namespace);
    };
    starting.then((helper) => void helper.process.exited.then(gone, gone), gone);
    return await starting;
  };
  /** Forgotten at once, so that nobody is sent to a helper that is about to end. */
  const end = (helper: Helper): void => {
    clearTimeout(helper.idle);
    forget(helper.namespace);
    helper.process.stdin?.end();
    void rm(helper.socket, { force: true });
  };
  const endIfLeft = async (starting: Promise<Helper>): Promise<void> => {
    const helper = await starting.catch(() => undefined);
    if (helper === undefined) return;
    const now = await namespaceOf(helper.pid).catch(() => undefined);
    if (now !== helper.namespace) end(helper);
  };
  const leave = (helper: Helper): void => {
    if (--helper.users > 0) return;
    helper.idle = setTimeout(() => end(helper), deps.idleMs ?? IDLE_MS);
    helper.idle.unref();
  };
  return {
    async dial(pid, host, port) {
      const ours = (await namespaceOf(pid)) === (await namespaceOf('self'));
      if (ours) return await connectTo({ host, port }, host, port);
      const helper = await ensure(pid);
      helper.users++;
      clearTimeout(helper.idle);
      let socket: Socket | undefined;
      try {
        socket = await connectTo({ path: helper.socket }, host, port);
        await handshake(socket, host, port);
        socket.once('close', () => leave(helper));
        return socket;
      } catch (error) {
        socket?.destroy();
        leave(helper);
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      const all = await Promise.allSettled(helpers.values());
      await Promise.all(
        all.map(async (one) => {
          if (one.status === 'rejected') return;
          end(one.value);
          await one.value.process.exited.catch(() => {});
        }),
      );
    },
  };
}

async function namespaceOf(pid: number | 'self'): Promise<string> {
  try {
    return await readlink(`/proc/${pid}/ns/net`);
  } catch (error) {
    throw new EngineError('conflict', 'the container is not running', { cause: error });
  }
}

async function startHelper(deps: RelayDeps, pid: number, namespace: string): Promise<Helper> {
  const folder = path.join(deps.execRoot, 'relay');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const socket = path.join(folder, `${/\d+/.exec(namespace)?.[0] ?? pid}.sock`);
  await rm(socket, { force: true }); // of an engine that was killed
  const child = deps.host.spawn('nsenter', [`--net=/proc/${pid}/ns/net`, '--', ...deps.command, '--listen', socket], {
    stdin: 'pipe',
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-1000)));
  const ready = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  const failed = child.exited.then(
    (code) => `exit ${code}: ${said.trim()}`,
    (error: unknown) => messageOf(error),
  );
  const reason = await Promise.race([ready, failed]);
  if (reason !== undefined) {
    throw new EngineError('internal', `cannot enter the container's network namespace: ${reason}`);
  }
  return { namespace, socket, process: child, pid, users: 0 };
}

function connectTo(
  address: { readonly path: string } | { readonly host: string; readonly port: number },
  host: string,
  port: number,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, allowHalfOpen: true, noDelay: true });
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => reject(refused(host, port, error.code ?? 'EIO')));
  });
}

function handshake(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const settle = (error?: EngineError): void => {
      socket.off('readable', look).off('error', broken).off('close', broken);
      if (error === undefined) resolve();
      else reject(error);
    };
    const broken = (): void => settle(new EngineError('unavailable', 'the relay into the container was interrupted'));
    const look = (): void => {
      for (let byte = socket.read(1) as Buffer | null; byte !== null; byte = socket.read(1) as Buffer | null) {
        if (byte[0] !== 10) answer += byte.toString('latin1');
        else return settle(answer === 'ok' ? undefined : refused(host, port, answer.replace(/^error /, '')));
      }
    };
    socket.on('readable', look).on('error', broken).on('close', broken);
    socket.write(`${host} ${port}\n`);
  });
}

function refused(host: string, port: number, code: string): EngineError {
  const text = code === 'ECONNREFUSED' ? 'nothing listens there' : code;
  const shown = host.includes(':') ? `[${host}]` : host;
  return new EngineError('unavailable', `cannot connect to ${shown}:${port} in the container: ${text}`);
}
