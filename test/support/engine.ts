/**
 * A real engine for a test, in a process of its own with a data root, exec root and socket of its own.
 *
 *     await using engine = await startTestEngine();            // with the made images as mirror
 *     const { stdout } = await docker(engine, 'run', '--rm', 'busybox', 'echo', 'hello');
 *
 * Disposal removes all containers, ends the process and fails the test when anything of the engine is left on the host.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atExit } from '../../tools/world/at-exit.ts';
import type { Registry } from '../../tools/world/registry.ts';
import { type Answer, callSocket } from './call-socket.ts';
import { startMirror } from './images.ts';
import { ENGINE_FOLDER, OWNER_FILE, removeLeftovers } from './leftovers.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** `npm test` has just built it, which starts in half the time; a test that is run by itself runs the sources. */
const PROGRAM =
  process.env['SLIPWAY_TEST_BUILT'] === '1'
    ? path.join(ROOT, 'dist/agent/agent.mjs')
    : path.join(ROOT, 'runtime-agent/src/main.ts');
const READY_MS = 20_000;
const STOP_MS = 15_000;

export interface TestEngineOptions {
  /** Default: the made images. `false`: no mirror. A URL: that one. */
  readonly mirror?: boolean | string;
  /** More arguments for `slipway serve`. */
  readonly args?: readonly string[];
  /** Default: the engine. A program is run as it is, such as dist/slipway. */
  readonly program?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Where the engine listens, when the arguments say so instead of `--socket`. */
  readonly socket?: string;
}

export interface TestEngine extends AsyncDisposable {
  readonly socket: string;
  /** For DOCKER_HOST. */
  readonly url: string;
  readonly dataRoot: string;
  readonly pid: number;
  /** What the engine printed, last 64 KB. */
  log(): string;
  /** Calls the API; `body` is sent as JSON. */
  call(method: string, path: string, body?: object): Promise<Answer>;
  /** Ends the engine's process only; containers live on. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** After stop(): the same engine again. */
  start(): Promise<void>;
}

/** Starts an engine and waits until it listens. Throws with its log when it does not. */
export async function startTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const directory = await mkdtemp(path.join(tmpdir(), ENGINE_FOLDER));
  await chmod(directory, 0o711); // as /var/lib is: remapped users of containers pass through it
  await writeFile(path.join(directory, OWNER_FILE), String(process.pid));
  const mirror = options.mirror === false || typeof options.mirror === 'string' ? undefined : await startMirror();
  const socket = options.socket ?? path.join(directory, 'engine.sock');
  const dataRoot = path.join(directory, 'data');
  const mirrorUrl = mirror?.url ?? (typeof options.mirror === 'string' ? options.mirror : undefined);
  const process_ = engineProcess(options, [
    'serve',
    ...(options.socket === undefined ? ['--socket', socket] : []),
    '--data-root',
    dataRoot,
    ...(mirrorUrl === undefined ? [] : ['--registry-mirror', mirrorUrl]),
    // What this machine is configured for is no business of a test.
    ...(options.args?.includes('--config-file') ? [] : ['--config-file', '/dev/null']),
    ...(options.args ?? []),
  ]);
  const engine: TestEngine = {
    socket,
    url: `unix://${socket}`,
    dataRoot,
    get pid() {
      return process_.pid();
    },
    log: process_.log,
    call: (method, path, body) => callSocket(socket, method, path, body),
    stop: process_.stop,
    start: process_.start,
    [Symbol.asyncDispose]: () => dispose(engine, directory, mirror),
  };
  try {
    await process_.start();
  } catch (error) {
    await process_.stop('SIGKILL');
    await mirror?.[Symbol.asyncDispose]();
    await removeLeftovers(directory);
    throw error;
  }
  return engine;
}

async function dispose(engine: TestEngine, directory: string, mirror: Registry | undefined): Promise<void> {
  let left: readonly string[] = [];
  try {
    if (!(await answersPing(engine))) await engine.start();
    await removeEverything(engine);
  } finally {
    await engine.stop();
    await mirror?.[Symbol.asyncDispose]();
    left = await removeLeftovers(directory);
    await rm(directory, { recursive: true, force: true });
  }
  if (left.length > 0) throw new Error(`the engine left on the host:\n${left.join('\n')}\nIts log:\n${engine.log()}`);
}

async function answersPing(engine: TestEngine): Promise<boolean> {
  return engine.call('GET', '/_ping').then(
    ({ status }) => status === 200,
    () => false,
  );
}

async function removeEverything(engine: TestEngine): Promise<void> {
  const containers = (await engine.call('GET', '/containers/json?all=1')).json<{ Id: string }[]>();
  const answers = await Promise.all(containers.map(({ Id }) => engine.call('DELETE', `/containers/${Id}?force=1&v=1`)));
  const refused = answers.filter(({ status }) => status >= 400 && status !== 404 && status !== 409);
  if (refused.length > 0) throw new Error(`containers could not be removed: ${refused.map((a) => a.text).join('; ')}`);
  const networks = (await engine.call('GET', '/networks')).json<{ Id: string; Name: string }[]>();
  for (const { Id, Name } of networks) {
    if (!['bridge', 'host', 'none'].includes(Name)) await engine.call('DELETE', `/networks/${Id}`);
  }
}

interface EngineProcess {
  pid(): number;
  log(): string;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

function engineProcess(options: TestEngineOptions, args: readonly string[]): EngineProcess {
  let child: ChildProcess | undefined;
  let log = '';
  const alive = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    pid: () => child?.pid ?? -1,
    log: () => log,
    async start() {
      if (alive()) return;
      const [program, first] = options.program === undefined ? [process.execPath, [PROGRAM]] : [options.program, []];
      const env = { ...process.env, NODE_NO_WARNINGS: '1', ...options.env };
      const started = spawn(program, [...first, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
      child = started;
      const forget = atExit(() => started.kill('SIGKILL'));
      started.once('exit', forget);
      let fresh = '';
      const take = (text: string): void => {
        fresh = (fresh + text).slice(-65_536);
        log = (log + text).slice(-65_536);
      };
      started.stdout.setEncoding('utf8').on('data', take);
      started.stderr.setEncoding('utf8').on('data', take);
      started.on('error', (error) => take(error.message));
      const deadline = Date.now() + READY_MS;
      while (!fresh.includes('listening on ')) {
        if (!alive() || Date.now() > deadline) throw new Error(`the engine did not start:\n${fresh}`);
        await sleep(10);
      }
    },
    async stop(signal = 'SIGTERM') {
      if (!alive() || child === undefined) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
