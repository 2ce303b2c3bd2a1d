import { spawn } from 'node:child_process';
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { createBatches } from './batches.ts';
import { createCgroupMoves } from './cgroup-moves.ts';
import type { Host, HostProcess, OverlayMount, RunOptions, RunResult, SpawnOptions } from './host.ts';
import { SAME_IDS } from './id-mapping.ts';
import { signalNumber } from './signals.ts';
import { createCapabilityFinder } from './capability-finder.ts';
import { createFifoHolder } from './fifo-holder.ts';
import { createStandingShell, type ShellCommand, type StandingShell } from './standing-shell.ts';

const OUTPUT_LIMIT = 16 * 1024 * 1024;

function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const collected: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    let size = 0;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= OUTPUT_LIMIT) collected[name].push(chunk);
      });
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT';
      const text = missing ? `${command} is not installed on this host (see 'slipway doctor')` : messageOf(error);
      reject(new EngineError(error.name === 'AbortError' ? 'cancelled' : 'internal', text, { cause: error }));
    });
    child.on('close', (code, signal) => {
      const result: RunResult = {
        code: code ?? 128 + signalNumber(signal ?? 'SIGKILL'),
        stdout: Buffer.concat(collected.stdout).toString(),
        stderr: Buffer.concat(collected.stderr).toString(),
      };
      if (result.code === 0 || options.onFailure === 'return') resolve(result);
      else {
        const said = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
        reject(new EngineError('internal', `${command} ${args[0] ?? ''} failed (exit ${result.code}): ${said}`));
      }
    });
    // A program that ends before it read all its input is judged by its exit code, not by EPIPE.
    child.stdin?.on('error', () => {});
    if (options.input !== undefined) child.stdin?.end(options.input);
  });
}

function start(command: string, args: readonly string[], options: SpawnOptions = {}): HostProcess {
  const child = spawn(command, args, {
    stdio: [options.stdin ?? 'ignore', options.stdout ?? 'pipe', options.stderr ?? 'pipe'],
    env: options.env ?? process.env,
    detached: options.detached ?? false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stdin?.on('error', () => {});
  const exited = new Promise<number>((resolve, reject) => {
    child.on('error', (error) => {
      reject(new EngineError('internal', `cannot start ${command}: ${messageOf(error)}`, { cause: error }));
    });
    child.on('close', (code, signal) => resolve(code ?? 128 + signalNumber(signal ?? 'SIGKILL')));
  });
  exited.catch(() => {}); // whoever awaits it sees the error; nobody awaiting must not end the engine
  if (options.detached) child.unref();
  return {
    pid: child.pid ?? -1,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    kill: (signal) => void child.kill(signal),
  };
}

/** One for each work: an unmount that hangs (a file server that is gone) must not hold up what mounts. */
const mounter = createStandingShell();
const unmounter = createStandingShell();
const reader = createStandingShell();
const launcher = createStandingShell();
const short = createStandingShell();
const fifoHolder = createFifoHolder();
const cgroupMoves = createCgroupMoves();
const capabilities = createCapabilityFinder();
const standing = [mounter, unmounter, reader, launcher, short, fifoHolder, capabilities];

async function inShell(shell: StandingShell, command: ShellCommand): Promise<void> {
  const { code, output } = await shell.run(command);
  const name = command.argv.slice(0, 2).join(' ');
  if (code !== 0) throw new EngineError('internal', `${name} failed (exit ${code}): ${output.slice(-2000)}`);
}

/** Programs that are wanted at the same time do not wait for one another: one is the shell's, others are children. */
async function runShort(command: string, args: readonly string[], input?: string): Promise<void> {
  const more = input === undefined ? {} : { input };
  if (short.busy()) await run(command, args, more);
  else await inShell(short, { argv: [command, ...args], ...more });
}

/** mount(2) takes one page of options: longer lists of layers are named relative to their common folder. */
async function mountOverlay({ lower, upper, work, target }: OverlayMount): Promise<void> {
  const folder = path.dirname(lower.at(-1) ?? '/');
  const names = lower.map((one) => (path.dirname(one) === folder ? path.basename(one) : one));
  // redirect_dir and metacopy would make upper directories that mean nothing without the lower ones.
  const options = `lowerdir=${names.join(':')},upperdir=${upper},workdir=${work},redirect_dir=off,metacopy=off`;
  await inShell(mounter, {
    argv: ['mount', '-t', 'overlay', 'overlay', '-o', options, target],
    cwd: folder,
    // fsconfig(2), which newer mount programs prefer, takes 256 bytes per option.
    env: { LIBMOUNT_FORCE_MOUNT2: 'always' },
  });
}

/** One program for all that are to go at the same moment. */
const unmounts = createBatches<string>(async (targets) => {
  const result = await unmounter.run({ argv: ['umount', '-l', ...targets] });
  const gone = /not mounted|no mount point|not found|no such file/i;
  const failures = result.output.split('\n').filter((line) => line.trim() !== '' && !gone.test(line));
  if (result.code !== 0 && failures.length > 0)
    throw new EngineError('internal', `cannot unmount ${targets.join(', ')}: ${failures.join('; ')}`);
});

export const linuxHost: Host = {
  ids: SAME_IDS,
  run,
  spawn: start,
  runShort,
  runToFile: (command, args, { cwd, file }) => inShell(reader, { argv: [command, ...args], cwd, stdoutFile: file }),
  launch: (command, args, { cwd, env, ...streams }) => launcher.launch({ argv: [command, ...args], cwd, env }, streams),
  holdFifo: (fifo) => fifoHolder.hold(fifo),
  withCapabilities: (files) => capabilities.find(files),
  mountOverlay,
  mount: async (args) => void (await run('mount', args)),
  unmount: (target) => unmounts.add(target),
  rest: () => standing.forEach((one) => one.rest()),
  expectCgroupMove: () => cgroupMoves.expect(),
  kill: (pid, signal) => {
    try {
      process.kill(pid, signal);
      return true;
    } catch {
      return false;
    }
  },
};
