import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFifoHolder } from './fifo-holder.ts';

const MODULE = path.join(import.meta.dirname, 'fifo-holder.ts');

function withFifos(count: number, check: (fifos: readonly string[]) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "slipway-it's held-"));
    try {
      const fifos = Array.from({ length: count }, (_, i) => path.join(folder, `fifo ${i}`));
      execFileSync('mkfifo', fifos);
      await check(fifos);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

/** A writer that does not wait is refused (ENXIO) where nobody has the FIFO open for reading. */
function isHeld(fifo: string): boolean {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

/** One that nobody has waited for is none. */
function isRunning(pid: number | undefined): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function untilLetGo(fifo: string): Promise<void> {
  while (isHeld(fifo)) await sleep(1);
}

function holdersOf(fifo: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const opens = (pid: string): boolean => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === fifo);
    } catch {
      return false; // it ended meanwhile
    }
  };
  return pids.filter(opens).map(Number);
}

test(
  'a FIFO is held until it is let go, with more of them than a shell has descriptors',
  withFifos(8, async (fifos) => {
    const holder = createFifoHolder();
    const held = await Promise.all(fifos.map((fifo) => holder.hold(fifo)));
    assert.deepEqual(
      fifos.map(isHeld),
      fifos.map(() => true),
    );
    held[0]?.();
    await untilLetGo(fifos[0] as string);
    assert.deepEqual(
      fifos.slice(1).map(isHeld),
      fifos.slice(1).map(() => true),
    );
    for (const letGo of held.slice(1)) letGo();
    for (const fifo of fifos) await untilLetGo(fifo);
    (await holder.hold(fifos[0] as string))();
  }),
);

test(
  'what is no FIFO is refused, and the next one is held',
  withFifos(1, async ([fifo = '']) => {
    const holder = createFifoHolder();
    const file = path.join(path.dirname(fifo), 'file');
    writeFileSync(file, '');
    for (const wrong of [file, '/nonexistent', 'a\nb']) await assert.rejects(holder.hold(wrong), { code: 'internal' });
    const letGo = await holder.hold(fifo);
    assert.equal(isHeld(fifo), true);
    letGo();
  }),
);

test(
  'a shell that is killed is followed by another one',
  withFifos(2, async ([first = '', second = '']) => {
    const holder = createFifoHolder();
    const letGo = await holder.hold(first);
    for (const pid of holdersOf(first)) process.kill(pid, 'SIGKILL');
    await untilLetGo(first);
    letGo();
    await sleep(20);
    const letGoSecond = await holder.hold(second);
    assert.equal(isHeld(second), true);
    letGoSecond();
  }),
);

test(
  'what an engine held stays so when it is killed; one that held nothing leaves no process',
  withFifos(1, async ([fifo = '']) => {
    const script = `const { createFifoHolder } = await import(${JSON.stringify(MODULE)}); const holder = createFifoHolder();
      const letGo = await holder.hold(${JSON.stringify(fifo)}); console.log('held');
      process.stdin.once('data', () => { letGo(); console.log('let go'); }); setInterval(() => {}, 1000);`;
    const engine = (): ReturnType<typeof spawn> =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'ignore'] });

    const killed = engine();
    await once(killed.stdout as NodeJS.ReadableStream, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    await sleep(50);
    assert.equal(isHeld(fifo), true);
    for (const pid of holdersOf(fifo)) process.kill(pid, 'SIGKILL');
    await untilLetGo(fifo);

    const idle = engine();
    await once(idle.stdout as NodeJS.ReadableStream, 'data');
    const [shell] = holdersOf(fifo);
    idle.stdin?.write('\n');
    await once(idle.stdout as NodeJS.ReadableStream, 'data');
    await untilLetGo(fifo);
    idle.kill('SIGKILL');
    await once(idle, 'exit');
    while (isRunning(shell)) await sleep(5);
  }),
);

test(
  'it is held as well when the engine is killed before it hears so',
  withFifos(2, async ([before = '', fifo = '']) => {
    // The shell stands still while the engine asks it and dies.
    const script = `const { createFifoHolder } = await import(${JSON.stringify(MODULE)});
      const { readFileSync } = await import('node:fs');
      const holder = createFifoHolder();
      await holder.hold(${JSON.stringify(before)});
      const shell = Number(readFileSync('/proc/thread-self/children', 'utf8'));
      process.kill(shell, 'SIGSTOP');
      void holder.hold(${JSON.stringify(fifo)});
      console.log(shell);
      setInterval(() => {}, 1000);`;
    const engine = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [shell] = (await once(engine.stdout, 'data')) as [Buffer];
    engine.kill('SIGKILL');
    await once(engine, 'exit');
    assert.equal(isHeld(fifo), false);
    process.kill(Number(shell), 'SIGCONT');
    for (let i = 0; i < 2000 && !isHeld(fifo); i++) await sleep(1);
    await sleep(100);
    assert.equal(isHeld(fifo), true);
    for (const pid of holdersOf(fifo)) process.kill(pid, 'SIGKILL');
    await untilLetGo(fifo);
  }),
);

test(
  'at rest the shell ends, unless it holds something',
  withFifos(1, async ([fifo = '']) => {
    const holder = createFifoHolder();
    holder.rest();
    const letGo = await holder.hold(fifo);
    const [shell] = holdersOf(fifo);
    holder.rest();
    await sleep(20);
    assert.equal(isHeld(fifo), true);
    letGo();
    await untilLetGo(fifo);
    while (isRunning(shell)) {
      holder.rest();
      await sleep(5);
    }
    (await holder.hold(fifo))();
  }),
);
