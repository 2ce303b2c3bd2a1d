/**
 * `runc exec` without an engine, in a container of one, with all of it done in advance that can be: what no engine on runc
 * can take less than for an exec. See docs/decisions/0013-execs-started-in-advance.md.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { sleepers } from './containers.ts';
import type { EnginePeer } from './peers/engine-peer.ts';
import { type Measurement, timed } from './suite.ts';

/** As both engines say it of `true` in a container of theirs, but for the capabilities, which take no time. */
const PROCESS = { args: ['true'], cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 }, terminal: false };
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

async function execAlone(root: string, id: string, directory: string): Promise<number> {
  const fifo = path.join(directory, 'process.json');
  execFileSync('mkfifo', ['-m', '600', fifo]);
  try {
    const child = spawn('runc', [`--root=${root}`, 'exec', '--process', fifo, id], { stdio: 'ignore' });
    const ended = once(child, 'close');
    await sleep(READY_MS);
    linuxHost.expectCgroupMove();
    await sleep(AHEAD_MS);
    const taken = await timed(async () => {
      writeFileSync(fifo, JSON.stringify(PROCESS));
      await ended;
    });
    if (child.exitCode !== 0) throw new Error(`runc exec ended with ${child.exitCode}`);
    return taken;
  } finally {
    rmSync(fifo);
  }
}

export async function runtimeExec(engine: EnginePeer): Promise<Measurement> {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-bench-exec-'));
  await using kept = new AsyncDisposableStack();
  kept.defer(() => rmSync(directory, { recursive: true, force: true }));
  const { ids } = kept.use(await sleepers(engine.api, 1));
  const [id = ''] = ids;
  const root = runtimeRoot(engine, id);
  const held = kept.move();
  return { run: () => execAlone(root, id, directory), [Symbol.asyncDispose]: () => held.disposeAsync() };
}
