/** The engine of `npm start`: one at a time, of the present build, gone when it was started here. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type LocalEngine, type LocalEngineOptions, startLocalEngine } from '../../tools/start/local-engine.ts';
import { callSocket } from '../support/call-socket.ts';
import { removeLeftovers } from '../support/leftovers.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../runtime-agent/src/main.ts');
const skip = process.getuid?.() !== 0 && 'needs root';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-s-'));
});
afterEach(async () => {
  const left = await removeLeftovers(directory);
  await rm(directory, { recursive: true, force: true });
  assert.deepEqual(left, []);
});

function options(changes: Partial<LocalEngineOptions> = {}): LocalEngineOptions {
  return {
    program: PROGRAM,
    socket: path.join(directory, 'engine.sock'),
    dataRoot: path.join(directory, 'data'),
    stateFolder: path.join(directory, 'state'),
    mirror: undefined,
    ...changes,
  };
}

const engineId = async (): Promise<string | undefined> =>
  callSocket(path.join(directory, 'engine.sock'), 'GET', '/info').then(
    (answer) => answer.json<{ ID: string }>().ID,
    () => undefined,
  );

test('starts an engine, uses the running one again, and ends only what it started', { skip }, async () => {
  const first: LocalEngine = await startLocalEngine(options());
  assert.equal(first.outcome, 'started');
  const second = await startLocalEngine(options());
  assert.equal(second.outcome, 'reused');
  await second[Symbol.asyncDispose]();
  assert.match((await engineId()) ?? '', /^[0-9a-f-]{36}$/);
  await first[Symbol.asyncDispose]();
  assert.equal(await engineId(), undefined);
});

test('an engine of another build is replaced', { skip }, async () => {
  const first = await startLocalEngine(options());
  const second = await startLocalEngine(options({ mirror: 'http://127.0.0.1:5999' }));
  assert.equal(second.outcome, 'replaced');
  await second[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
});

test('the pid of an engine that is gone is not believed', { skip }, async () => {
  const first = await startLocalEngine(options());
  const record = path.join(directory, 'state/engine.json');
  const saved = await readFile(record, 'utf8');
  await first[Symbol.asyncDispose]();
  assert.equal(existsSync(record), false);
  await writeFile(record, saved.replace(/"pid":\d+/, `"pid":${process.pid}`));
  await using again = await startLocalEngine(options());
  assert.equal(again.outcome, 'started');
});

test('an engine that cannot start says why', { skip }, async () => {
  await writeFile(path.join(directory, 'data'), 'a file where a folder should be');
  await assert.rejects(startLocalEngine(options()), /The engine did not start:\n.*data/s);
});
