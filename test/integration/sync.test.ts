/** The sync of a local folder to a host: the client's side and the engine's, over a real connection, into a container. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { ForeignChange, PushConflict } from '#model/slipway-api/workspaces.ts';
import { removeCopy } from '../../client/src/sync/host-copy.ts';
import { startSync, type SyncSession } from '../../client/src/sync/sync-session.ts';
import { type CuttableConnection, cuttableConnection } from '../support/cuttable-connection.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const never = new AbortController().signal;
let engine: TestEngine;
before(async () => {
  engine = await startTestEngine();
});
after(async () => await engine[Symbol.asyncDispose]());

async function until(what: string, holds: () => boolean, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen in ${ms} ms`);
    await sleep(10);
  }
}

describe('sync', () => {
  let base: string;
  let folder: string;
  let link: CuttableConnection;
  const log: string[] = [];
  const conflicts: PushConflict[] = [];
  const paused: string[] = [];
  let foreign: readonly ForeignChange[] = [];

  const start = async (signal = never): Promise<SyncSession> =>
    await startSync(
      { folder, name: 'app', owner: { uid: 1000, gid: 1000 }, baseFile: path.join(base, 'base.json') },
      {
        connect: (aborted) => link.connect(aborted),
        log: (line) => log.push(line),
        report: () => {},
        onPaused: (reason) => paused.push(reason),
        onConflicts: (found) => conflicts.push(...found),
        onForeign: (found) => (foreign = found),
      },
      signal,
    );
  const write = (name: string, content: string): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  };
  const host = (name = ''): string => path.join(engine.dataRoot, 'workspaces/app', name);
  const onHost = (name: string): string | undefined =>
    existsSync(host(name)) ? readFileSync(host(name), 'utf8') : undefined;
  const logged = (pattern: RegExp): boolean => log.some((line) => pattern.test(line));

  beforeEach(async () => {
    base = mkdtempSync(path.join(tmpdir(), 'slipway-s-'));
    folder = path.join(base, 'local');
    mkdirSync(folder);
    link = await cuttableConnection(engine.socket);
    log.length = conflicts.length = paused.length = 0;
    foreign = [];
  });
  afterEach(async () => {
    await removeCopy(await link.connect(), 'app');
    await link[Symbol.asyncDispose]();
    rmSync(base, { recursive: true, force: true });
  });

  test('the first copy has everything but what is ignored, with modes, links and owner', async () => {
    write('src/server.js', 'one');
    write('run.sh', '#!/bin/sh');
    chmodSync(path.join(folder, 'run.sh'), 0o755);
    symlinkSync('src/server.js', path.join(folder, 'main.js'));
    write('node_modules/x/i.js', 'local build');
    write('secret.txt', 'x');
    write('.slipwayignore', 'secret.txt\n');
    write('.git/HEAD', 'ref');
    write('.git/index.lock', '');
    await using session = await start();
    assert.equal(session.workspace.directory, host().replace(/\/$/, ''));
    assert.deepEqual(readdirSync(host()).sort(), ['.git', '.slipwayignore', 'main.js', 'run.sh', 'src']);
    assert.deepEqual(readdirSync(host('.git')), ['HEAD']);
    assert.equal(onHost('main.js'), 'one');
    assert.equal(statSync(host('run.sh')).mode & 0o777, 0o755);
    assert.equal(statSync(host('src/server.js')).uid, 1000);
  });

  test('saves, new folders, renames and removals arrive while it runs', async () => {
    write('a.js', 'one');
    write('old/x.js', 'x');
    await using _session = await start();
    write('a.js', 'two');
    write('new/deep/b.js', 'made');
    await until('a save', () => onHost('a.js') === 'two' && onHost('new/deep/b.js') === 'made');
    renameSync(path.join(folder, 'old'), path.join(folder, 'renamed'));
    await until('a rename', () => onHost('renamed/x.js') === 'x' && !existsSync(host('old')));
    rmSync(path.join(folder, 'a.js'));
    await until('a removal', () => !existsSync(host('a.js')));
    assert.deepEqual(paused, []);
  });

  test('what the container has built is not touched by the sync', async () => {
    write('a.js', 'one');
    await using _session = await start();
    mkdirSync(host('node_modules'));
    writeFileSync(host('node_modules/built'), 'x');
    write('node_modules/built', 'local');
    write('a.js', 'two');
    await until('a save', () => onHost('a.js') === 'two');
    assert.equal(onHost('node_modules/built'), 'x');
  });

  test('a changed ignore file counts at once', async () => {
    write('a.log', 'one');
    write('.slipwayignore', '*.log\n');
    await using _session = await start();
    assert.equal(onHost('a.log'), undefined);
    write('.slipwayignore', '');
    await until('the file that is no longer ignored', () => onHost('a.log') === 'one');
  });

  test('the time from a save to its visibility in a container is printed', async () => {
    write('a.js', 'one');
    await using session = await start();
    const mount = `${session.workspace.directory}:/app`;
    const { stdout } = await docker(engine, 'run', '-d', '-v', mount, 'busybox', 'sleep', '300');
    const container = stdout.trim();
    session.measureIn({ container, folder: '/app' });
    write('a.js', 'two');
    await until('the measured line', () => logged(/a\.js: saved, visible in the container after \d+ ms/));
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      write('a.js', `round ${i}`);
      await until('another line', () => log.filter((line) => line.includes('visible')).length > i + 1);
      times.push(Number(/after (\d+) ms/.exec(log.at(-1) ?? '')?.[1]));
    }
    // The fastest: the others say how busy the machine is.
    assert.ok(Math.min(...times) < 100, `saves took ${times.join(', ')} ms to be visible`);
    assert.equal((await docker(engine, 'exec', container, 'cat', '/app/a.js')).stdout, 'round 4');
    await docker(engine, 'rm', '-f', container);
  });

  test('what the container changes is told, kept on a conflict, and can be brought back', async () => {
    write('a.js', 'one');
    write('b.js', 'one');
    await using session = await start();
    await until('the watch', () => logged(/in step|sent/));
    await sleep(200);
    writeFileSync(host('a.js'), 'by the container');
    writeFileSync(host('made.txt'), 'by the container');
    await until('news of it', () => foreign.length === 2);
    assert.deepEqual(
      session
        .foreign()
        .map(({ path }) => path)
        .sort(),
      ['a.js', 'made.txt'],
    );
    assert.ok(logged(/a\.js: written in the container/));
    const back = await session.copyBack(never);
    assert.deepEqual([...back.copied].sort(), ['a.js', 'made.txt']);
    assert.equal(readFileSync(path.join(folder, 'a.js'), 'utf8'), 'by the container');
    assert.deepEqual(session.foreign(), []);
    writeFileSync(host('b.js'), 'by the container');
    await until('news of b.js', () => session.foreign().length === 1);
    write('b.js', 'by me');
    await until('the conflict', () => conflicts.length === 1);
    assert.equal(onHost('b.js'), 'by me');
    assert.equal(onHost(conflicts[0]?.keptAs ?? ''), 'by the container');
    assert.ok(logged(/b\.js: was changed in the container too/));
  });

  test('a restart of the editor sends only what has changed since, and knows what the container did', async () => {
    write('same.js', 'one');
    write('mine.js', 'one');
    write('theirs.js', 'one');
    {
      await using _first = await start();
    }
    write('mine.js', 'two');
    writeFileSync(host('theirs.js'), 'by the container');
    await using second = await start();
    assert.ok(logged(/: 1 changes sent/), log.join('\n'));
    assert.equal(onHost('mine.js'), 'two');
    assert.equal(onHost('theirs.js'), 'by the container');
    assert.deepEqual(second.foreign(), [{ path: 'theirs.js', change: 'written' }]);
    assert.deepEqual(conflicts, []);
  });

  test('a workspace that was removed on the host is copied anew', async () => {
    write('a.js', 'one');
    {
      await using _first = await start();
    }
    await removeCopy(await link.connect(), 'app');
    await using _second = await start();
    assert.equal(onHost('a.js'), 'one');
    assert.deepEqual(foreign, []);
  });

  test('a cut in the middle of a file leaves the old file whole, and the sync goes on afterwards', async () => {
    write('big.bin', 'old');
    write('other.js', 'one');
    await using _session = await start();
    link.cutAfter(2_000_000);
    writeFileSync(path.join(folder, 'big.bin'), Buffer.alloc(6_000_000, 'x'));
    await until('the interruption', () => logged(/sync is interrupted/));
    await link.cut();
    assert.equal(onHost('big.bin'), 'old');
    await until(
      'the engine to clear away',
      () => readdirSync(path.join(engine.dataRoot, 'workspaces/.staging')).length === 0,
    );
    write('other.js', 'saved while it was cut');
    await sleep(300);
    assert.equal(onHost('other.js'), 'one');
    await link.restore();
    await until(
      'the rest',
      () => onHost('other.js') === 'saved while it was cut' && statSync(host('big.bin')).size === 6_000_000,
    );
    assert.deepEqual(paused, []);
    assert.deepEqual(conflicts, []);
    write('other.js', 'later');
    await until('later saves', () => onHost('other.js') === 'later');
  });

  test('a killed engine is the same to it', async () => {
    write('a.js', 'one');
    await using _session = await start();
    await engine.stop('SIGKILL');
    await link.cut();
    write('a.js', 'two');
    await engine.start();
    await link.restore();
    await until('the save', () => onHost('a.js') === 'two');
  });

  test('the first copy can be cancelled', async () => {
    for (let i = 0; i < 300; i++) write(`f${i}.js`, 'x'.repeat(10_000));
    const stop = new AbortController();
    const starting = start(stop.signal);
    setTimeout(() => stop.abort(), 30);
    await assert.rejects(starting);
  });
});
