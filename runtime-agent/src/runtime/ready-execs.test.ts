import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { linuxHost } from '../host/linux.ts';
import { type ExecPipes, execThroughRuntime, type PipedExec } from './exec-pipes.ts';
import { createFifos } from './fifos.ts';
import { createReadyExecs, type ReadyExecs } from './ready-execs.ts';

interface World {
  readonly execs: ReadyExecs;
  readonly folder: string;
  readonly launched: ExecPipes[];
  pass(ms: number): void;
}

/** More than a process that is being started is given. */
const A_MOMENT_MS = 30;
const PIPES = { stdin: false, stdout: true };

/** Called as `runc exec`: `$4` is the process, `$6` where its pid goes. */
const RUNTIME = '#!/bin/sh\nread -r process <"$4"\necho $$ >"$6"\nprintf %s "$process"\n';

/** With a runtime that prints the process it is given. */
async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-ready-'));
  const folder = mkdtempSync(path.join(root, 'bundles-'));
  const fifos = createFifos({ host: linuxHost, folder: path.join(root, 'fifos') });
  while (!fifos.place(path.join(root, 'first'))) await sleep(5); // they are made meanwhile
  let time = 0;
  const launched: ExecPipes[] = [];
  const ociRuntime = path.join(root, 'runtime');
  writeFileSync(ociRuntime, RUNTIME, { mode: 0o755 });
  const conmon = { host: linuxHost, fifos, program: '', ociRuntime, ociRoot: root, exits: root, patienceMs: 1000 };
  const launch = (exec: PipedExec): ExecPipes => {
    const pipes = execThroughRuntime(conmon, exec);
    launched.push(pipes);
    return pipes;
  };
  using execs = createReadyExecs({ fifos, folder, launch, now: () => time });
  try {
    await work({ execs, folder, launched, pass: (ms) => (time += ms) });
  } finally {
    execs[Symbol.dispose]();
    await Promise.allSettled(launched.map(({ exited }) => exited));
    while (readdirSync(folder).length > 0) await sleep(5);
    rmSync(root, { recursive: true });
  }
}

test('after two execs in a row the runtime of the third waits for its process', () =>
  inWorld(async ({ execs, launched, pass, folder }) => {
    assert.equal(execs.take('a', {}, PIPES), undefined);
    execs.began('a', PIPES);
    assert.equal(launched.length, 0, 'one exec says nothing of a next');
    pass(100);
    execs.began('a', PIPES);
    assert.equal(launched.length, 0, 'the one that is being started comes first');
    await sleep(A_MOMENT_MS);
    assert.equal(launched.length, 1);
    execs.began('a', PIPES);
    await sleep(A_MOMENT_MS);
    assert.equal(launched.length, 1, 'one is enough');
    const ready = execs.take('a', { args: ['true'] }, PIPES);
    assert.ok(ready?.pipes.stdout);
    assert.equal(await text(ready.pipes.stdout), '{"args":["true"]}');
    assert.equal(await ready.pipes.exited, 0);
    assert.equal(execs.take('a', {}, PIPES), undefined);
    rmSync(path.join(folder, path.basename(ready.directory)), { recursive: true });
  }));

test('a process that is expected has its runtime, the first one too', () =>
  inWorld(async ({ execs, launched, folder }) => {
    execs.expect('a', PIPES);
    execs.expect('a', PIPES);
    assert.equal(launched.length, 1);
    const ready = execs.take('a', { args: ['id'] }, PIPES);
    assert.ok(ready?.pipes.stdout);
    assert.equal(await text(ready.pipes.stdout), '{"args":["id"]}');
    assert.equal(await ready.pipes.exited, 0);
    rmSync(path.join(folder, path.basename(ready.directory)), { recursive: true });
  }));

test('of a container whose run is over nothing is started in advance', () =>
  inWorld(async ({ execs, launched }) => {
    execs.began('a', PIPES);
    execs.began('a', PIPES);
    execs.drop('a');
    await sleep(A_MOMENT_MS);
    assert.equal(launched.length, 0);
  }));

test('execs now and then, such as health checks, start nothing in advance', () =>
  inWorld(async ({ execs, launched, pass }) => {
    for (let i = 0; i < 3; i++) {
      execs.began('a', PIPES);
      pass(10_000);
    }
    await sleep(A_MOMENT_MS);
    assert.equal(launched.length, 0);
  }));

test('other pipes and other containers do not get it; it ends with its container', () =>
  inWorld(async ({ execs, launched }) => {
    execs.began('a', PIPES);
    execs.began('a', PIPES);
    await sleep(A_MOMENT_MS);
    assert.equal(execs.take('a', {}, { ...PIPES, stdin: true }), undefined);
    assert.equal(execs.take('b', {}, PIPES), undefined);
    execs.drop('a');
    assert.equal(execs.take('a', {}, PIPES), undefined);
    await assert.rejects(launched[0]?.started ?? Promise.resolve(), /OCI runtime exec failed/);
  }));
