/** A peer's daemon in a folder and a network namespace of its own, so that it changes nothing of the host's network. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeLeftovers } from '../../support/leftovers.ts';
import { atExit } from '../../../tools/world/at-exit.ts';
import { type BenchApi, benchApi } from '../api.ts';

export interface PeerProcess extends AsyncDisposable {
  readonly api: BenchApi;
  readonly socket: string;
  readonly directory: string;
  pid(): number;
  /** Kills the daemon alone and starts it again. */
  crash(): Promise<void>;
}

export interface PeerProgram {
  readonly name: string;
  readonly program: string;
  readonly args: (directory: string, socket: string) => readonly string[];
  /** Before the PATH. */
  readonly folder?: string;
  /** Writes what the daemon reads as it starts; answers what to add to its environment. */
  readonly prepare: (directory: string) => Promise<NodeJS.ProcessEnv>;
}

const READY_MS = 60_000;
const STOP_MS = 20_000;

const ip = (...args: readonly string[]): void => void execFileSync('ip', args, { stdio: 'ignore' });

export async function startPeer({ name, program, args, folder, prepare }: PeerProgram): Promise<PeerProcess> {
  const directory = await mkdtemp(path.join(tmpdir(), `slipway-bench-${name}-`));
  const netns = path.basename(directory);
  const socket = path.join(directory, 'engine.sock');
  const api = benchApi(name, socket);
  const extra = await prepare(directory);
  let child: ChildProcess | undefined;
  let forget: (() => void) | undefined;
  let log = '';

  const start = async (): Promise<void> => {
    // The program takes the place of nsenter: the pid is the daemon's. "ip netns exec" would hide the cgroup mounts.
    const command = [`--net=/run/netns/${netns}`, program, ...args(directory, socket)];
    const searched = [folder, process.env['PATH']].filter(Boolean).join(':');
    const env = { ...process.env, ...extra, PATH: searched };
    const started = spawn('nsenter', command, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
    child = started;
    forget = atExit(() => started.kill('SIGTERM'));
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-8192)));
    const deadline = Date.now() + READY_MS;
    while (!(await answers(api))) {
      if (started.exitCode !== null || Date.now() > deadline) throw new Error(`${name} did not start:\n${log}`);
      await sleep(20);
    }
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    forget?.();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(timer);
  };
  const dispose = async (): Promise<void> => {
    await removeContainers(api).catch(() => {});
    api.close();
    await stop('SIGTERM');
    await removeLeftovers(directory);
    ip('netns', 'delete', netns);
    await rm(directory, { recursive: true, force: true });
  };

  ip('netns', 'add', netns);
  ip('-n', netns, 'link', 'set', 'lo', 'up');
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    api,
    socket,
    directory,
    pid: () => child?.pid ?? -1,
    async crash() {
      await stop('SIGKILL');
      await start();
    },
    [Symbol.asyncDispose]: dispose,
  };
}

const answers = (api: BenchApi): Promise<boolean> =>
  api.call('GET', '/version').then(
    () => true,
    () => false,
  );

async function removeContainers(api: BenchApi): Promise<void> {
  const all = await api.call<{ Id: string }[]>('GET', '/containers/json?all=1');
  await Promise.allSettled(all.map(({ Id }) => api.call('DELETE', `/containers/${Id}?force=1&v=1`)));
}
