/** How many programs the engine starts for what containers do: what their speed is made of, and steadier than a time. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { findProgram } from '../../tools/setup/run-program.ts';
import { exec, pullImage, remove, run, start } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const COUNTED = ['conmon', 'runc', 'ip', 'nft', 'unshare', 'nsenter', 'mount', 'umount', 'mkfifo'];

let engine: TestEngine;
let folder: string;
let log: string;
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-programs-'));
  log = path.join(folder, 'log');
  for (const name of COUNTED) {
    const counting = path.join(folder, name);
    writeFileSync(counting, `#!/bin/sh\necho ${name} >>${log}\nexec ${findProgram(name)} "$@"\n`);
    chmodSync(counting, 0o755);
  }
  engine = await startTestEngine({ env: { PATH: `${folder}:${process.env['PATH']}` } });
  await pullImage(engine);
});
after(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Programs per round, by name, when everything that is kept ready is there. */
async function programs(rounds: number, work: () => Promise<unknown>): Promise<Record<string, number>> {
  for (let i = 0; i < 3; i++) await work();
  await sleep(1000);
  writeFileSync(log, '');
  for (let i = 0; i < rounds; i++) await work();
  await sleep(1000);
  const names = readFileSync(log, 'utf8').trim().split('\n');
  const counts = Object.groupBy(names, (name) => name);
  return Object.fromEntries(Object.entries(counts).map(([name, all = []]) => [name, all.length / rounds]));
}

function atMost(counts: Record<string, number>, limits: Record<string, number>): void {
  const over = Object.entries(counts).filter(([name, count]) => count > (limits[name] ?? 0));
  assert.deepEqual(over, [], `of ${JSON.stringify(counts)}`);
}

test('a container without a network: conmon, one runc, and a namespace made and removed', async () => {
  const counts = await programs(5, () => run(engine, ['true'], { NetworkMode: 'none' }));
  atMost(counts, { conmon: 1, runc: 1, unshare: 1, ip: 1, umount: 1 });
});

test('a container on the default network: its interface besides', async () => {
  const counts = await programs(5, () => run(engine, ['true']));
  atMost(counts, { conmon: 1, runc: 1, unshare: 1, ip: 2, umount: 1 });
});

test('a published port: one change of the firewall to open it and one to close it', async () => {
  const counts = await programs(3, () => run(engine, ['true'], { PortBindings: { '80/tcp': [{ HostPort: '' }] } }));
  atMost(counts, { conmon: 1, runc: 1, unshare: 1, ip: 2, umount: 1, nft: 2 });
});

test('an exec: conmon and one runc, also when execs follow one another', async () => {
  const id = await start(engine);
  const counts = await programs(10, () => exec(engine, id, ['true']));
  // The one that waits for an eleventh comes on top.
  atMost(counts, { conmon: 1.1, runc: 1.1, mkfifo: 0.1 });
  await remove(engine, id);
});

test('many at once need no more for each than one alone', async () => {
  const many = (): Promise<unknown> => Promise.all(Array.from({ length: 10 }, () => run(engine, ['true'])));
  const counts = await programs(1, many);
  atMost(counts, { conmon: 10, runc: 10, unshare: 13, ip: 26, umount: 10, mkfifo: 1 });
});
