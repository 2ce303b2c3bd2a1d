/**
 * A machine inside this one: namespaces of its own for processes, mounts, network and host name, and empty places where
 * an engine keeps its things. What runs in it ends with it. Needs root.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atExit } from '../../tools/world/at-exit.ts';
import { callSocket } from './call-socket.ts';

export interface Machine extends AsyncDisposable {
  /** Its first process, seen from here. */
  readonly pid: number;
  /** For files of the test; gone with the machine. */
  readonly folder: string;
  /** DOCKER_HOST of the engine at its usual place there, once one runs. */
  readonly url: string;
  /** Runs a shell command there. @returns its output */
  run(command: string): string;
  /** Starts a program there. */
  spawn(program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess;
  /** What its first process has written to stderr. */
  log(): string;
}

export interface MachineOptions {
  readonly name: string;
  /** Folders that are its own, empty at first; others are ours. */
  readonly own: readonly string[];
  /** Shell command of its first process; `$1` is `folder`. */
  readonly main: string;
  /** Called with `folder` before the start. */
  readonly prepare?: (folder: string) => Promise<void>;
}

const START_MS = 10_000;
const NAMESPACES = ['--mount', '--net', '--pid', '--uts', '--fork', '--kill-child', '--mount-proc'];

export async function startMachine(options: MachineOptions): Promise<Machine> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-m-'));
  made.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await chmod(folder, 0o755);
  await options.prepare?.(folder);
  const child = spawn('unshare', [...NAMESPACES, 'sh', '-c', script(options), 'sh', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-8000)));
  const exited = once(child, 'exit');
  const forget = atExit(() => child.kill('SIGKILL'));
  made.defer(async () => {
    forget();
    child.kill('SIGKILL'); // --kill-child: with it goes everything that runs there
    await exited;
  });
  const pid = await pidOfChild(child.pid ?? 0);
  await waitFor(
    () => log.includes(READY),
    () => `the machine did not start:\n${log}`,
  );
  const socket = `/proc/${pid}/root/run/slipway/slipway.sock`;
  made.defer(() => removeContainers(socket));
  const kept = made.move();
  const inside = ['--target', String(pid), '--all'];
  return {
    pid,
    folder,
    url: `unix://${socket}`,
    run: (command) => execFileSync('nsenter', [...inside, 'sh', '-c', command], { encoding: 'utf8' }),
    spawn: (program, args, env) => spawn('nsenter', [...inside, program, ...args], { env, stdio: 'pipe' }),
    log: () => log,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const READY = 'machine: ready';

/** The first process there. */
function script({ name, own, main }: MachineOptions): string {
  return `set -e
hostname ${name}
for own in ${own.join(' ')}; do
  mkdir -p "$own" "$1/machine$own"
  mount --bind "$1/machine$own" "$own"
done
# The /sys of its own network, and below it the cgroups, which all share.
mkdir "$1/cgroup"
mount --rbind /sys/fs/cgroup "$1/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$1/cgroup" /sys/fs/cgroup
ip link set lo up
cd /
echo '${READY}' >&2
${main}`;
}

/** Seen from here, the one child of unshare(1) or nsenter(1): what runs there. */
export async function pidOfChild(parent: number): Promise<number> {
  let child = '';
  await waitFor(
    async () => {
      child = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '')).trim();
      return child !== '';
    },
    () => `process ${parent} has no child`,
  );
  return Number(child);
}

/** So that nothing of them stays in the cgroups, which the machine shares with us. */
async function removeContainers(socket: string): Promise<void> {
  if (!existsSync(socket)) return;
  const listed = await callSocket(socket, 'GET', '/containers/json?all=1').catch(() => undefined);
  for (const { Id } of listed?.json<{ Id: string }[]>() ?? []) {
    await callSocket(socket, 'DELETE', `/containers/${Id}?force=1&v=1`);
  }
}

/** @param message of the error when the condition does not come true soon */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  message: () => string,
  timeoutMs = START_MS,
): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(message());
  }
}
