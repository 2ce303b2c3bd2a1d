/**
 * What no engine on conmon and runc can take less than for an exec: both without an engine, in a container of one, with all of
 * it done in advance that can be, and the exec's three requests for nothing. See docs/decisions/0013-execs-started-in-advance.md.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { findProgram } from '../../tools/setup/run-program.ts';
import { sleepers } from './containers.ts';
import type { EnginePeer } from './peers/engine-peer.ts';
import { type Measurement, timed } from './suite.ts';

/** As both engines say it of `true` in a container of theirs, but for the capabilities, which take no time. */
const PROCESS = { args: ['true'], cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 }, terminal: false };
/** It is created, started and asked for its exit code. */
const EXEC_REQUESTS = 3;
/** After which the runtime waits for its process. */
const READY_MS = 80;
/** Before it is told of it, so long at most does the kernel take to be ready to move it into its cgroups. */
const AHEAD_MS = 20;

/** The folder in which the OCI runtime keeps the state of the engine's containers. */
function runtimeRoot({ mark, name }: EnginePeer, id: string): string {
  const state = readdirSync(mark, { recursive: true, encoding: 'utf8' }).find((file) =>
    file.endsWith(`/${id}/state.json`),
  );
  if (state === undefined) throw new Error(`no state of runc below the folder of ${name}`);
  return path.join(mark, state, '../..');
}

/** Resolves once conmon has told how the process ended, which comes after its pid. */
function ended(conmon: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    conmon.stdio[3]?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, end = ''] = said.split('\n');
      if (end !== '') resolve((JSON.parse(end) as { readonly data: number }).data);
    });
    conmon.on('close', () => reject(new Error(`conmon said no more than ${said}`)));
  });
}

async function execAlone(root: string, id: string, directory: string): Promise<number> {
  const fifo = path.join(directory, 'process.json');
  execFileSync('mkfifo', ['-m', '600', fifo]);
  try {
    const files = [`--bundle=${directory}`, `--container-pidfile=${directory}/pid`, `--exit-dir=${directory}`];
    const runtime = [`--runtime=${findProgram('runc')}`, `--runtime-arg=--root=${root}`];
    const how = ['--api-version=1', '--log-path=passthrough:', '--sync', '--exec', `--exec-process-spec=${fifo}`];
    const conmon = spawn('conmon', [...how, `--cid=${id}`, '--cuuid=bench', ...runtime, ...files], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      env: { ...process.env, _OCI_SYNCPIPE: '3' },
    });
    const code = ended(conmon);
    await sleep(READY_MS);
    linuxHost.expectCgroupMove();
    await sleep(AHEAD_MS);
    const taken = await timed(async () => {
      writeFileSync(fifo, JSON.stringify(PROCESS));
      assert.equal(await code, 0);
    });
    return taken;
  } finally {
    rmSync(fifo);
  }
}

async function requestsForNothing({ api }: EnginePeer): Promise<number> {
  return await timed(async () => {
    for (let i = 0; i < EXEC_REQUESTS; i++) await buffer(await api.open('GET', '/_ping'));
  });
}

export async function runtimeExec(engine: EnginePeer): Promise<Measurement> {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-bench-exec-'));
  await using kept = new AsyncDisposableStack();
  kept.defer(() => rmSync(directory, { recursive: true, force: true }));
  const { ids } = kept.use(await sleepers(engine.api, 1));
  const [id = ''] = ids;
  const root = runtimeRoot(engine, id);
  const held = kept.move();
  const run = async (): Promise<number> => (await execAlone(root, id, directory)) + (await requestsForNothing(engine));
  return { run, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
