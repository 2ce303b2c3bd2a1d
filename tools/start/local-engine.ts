/** The engine of this machine for `npm start`: found running, replaced when it is another build, or started. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exists } from '../setup/cache.ts';

export interface LocalEngineOptions {
  /** The built `slipway` program. */
  readonly program: string;
  readonly socket: string;
  readonly dataRoot: string;
  /** Where the pid file and the log lie. */
  readonly stateFolder: string;
  readonly mirror: string | undefined;
}

export interface LocalEngine extends AsyncDisposable {
  readonly outcome: 'started' | 'replaced' | 'reused';
}

interface Record_ {
  readonly pid: number;
  /** Of the program and its arguments; another one means that the engine must be replaced. */
  readonly build: string;
}

const START_MS = 20_000;
const STOP_MS = 10_000;

/** Disposal ends an engine that was started here; containers live on. Throws with the engine's own words. */
export async function startLocalEngine(options: LocalEngineOptions): Promise<LocalEngine> {
  await mkdir(options.stateFolder, { recursive: true });
  const recordFile = path.join(options.stateFolder, 'engine.json');
  const args = engineArguments(options);
  const build = await buildOf(options.program, args);
  const known = await readRecord(recordFile);
  const running = await answersPing(options.socket);
  if (running && (known === undefined || !(await isEngine(known.pid, options.socket)) || known.build === build)) {
    return { outcome: 'reused', [Symbol.asyncDispose]: async () => undefined };
  }
  if (running && known !== undefined) await end(known.pid);
  const pid = await start(options, args);
  await writeFile(recordFile, JSON.stringify({ pid, build } satisfies Record_));
  const dispose = async (): Promise<void> => {
    await end(pid);
    await rm(recordFile, { force: true });
  };
  return { outcome: running ? 'replaced' : 'started', [Symbol.asyncDispose]: dispose };
}

function engineArguments({ socket, dataRoot, mirror }: LocalEngineOptions): string[] {
  const mirrorArguments = mirror === undefined ? [] : ['--registry-mirror', mirror];
  return ['serve', '--socket', socket, '--data-root', dataRoot, ...mirrorArguments];
}

async function start(options: LocalEngineOptions, args: readonly string[]): Promise<number> {
  const logFile = path.join(options.stateFolder, 'engine.log');
  const log = openSync(logFile, 'w');
  const child = spawn(process.execPath, [options.program, ...args], { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  child.unref();
  const deadline = Date.now() + START_MS;
  while (!(await answersPing(options.socket))) {
    if (child.pid === undefined || child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The engine did not start:\n${(await readFile(logFile, 'utf8')).trim()}`);
    }
    await sleep(20);
  }
  return child.pid ?? 0;
}

async function buildOf(program: string, args: readonly string[]): Promise<string> {
  const bundle = path.join(path.dirname(program), 'agent/agent.mjs');
  const hash = createHash('sha256').update(await readFile(program));
  if (await exists(bundle)) hash.update(await readFile(bundle));
  return hash.update(args.join('\0')).digest('hex');
}

async function readRecord(file: string): Promise<Record_ | undefined> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<Record_>;
    return typeof value.pid === 'number' && typeof value.build === 'string' ? (value as Record_) : undefined;
  } catch {
    return undefined; // none, or cut short by a crash
  }
}

/** Pids are used again by others. */
async function isEngine(pid: number, socket: string): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.split('\0').includes(socket);
}

async function end(pid: number): Promise<void> {
  const deadline = Date.now() + STOP_MS;
  for (let signal: NodeJS.Signals | 0 = 'SIGTERM'; ; signal = Date.now() > deadline ? 'SIGKILL' : 0) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    await sleep(25);
  }
}

function answersPing(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/_ping', timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('error', () => resolve(false));
    call.on('timeout', () => call.destroy());
    call.end();
  });
}
