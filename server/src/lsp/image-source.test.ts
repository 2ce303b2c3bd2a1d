import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-languageserver/node';
import { createImageSource, imageCompletions } from './image-source.ts';

const NONE = CancellationToken.None;
const span = { start: 0, end: 0 };

/** A connection that answers as it is told. */
function source(answer: (prefix: string) => Promise<unknown>) {
  const asked: string[] = [];
  const warnings: string[] = [];
  let time = 0;
  const connection = {
    sendRequest: (_: string, { prefix }: { prefix: string }) => {
      asked.push(prefix);
      return answer(prefix);
    },
    console: { warn: (message: string) => warnings.push(message) },
  };
  const images = createImageSource(connection as never, () => time);
  return { images, asked, warnings, pass: (ms: number) => (time += ms) };
}

test('one question for the letters of a name, asked again when it is old', async () => {
  const { images, asked, pass } = source(async () => ['node:22', 'nginx', 7]);
  assert.deepEqual(await images.names('no', NONE), ['node:22', 'nginx']);
  await images.names('nod', NONE);
  await images.names('node:2', NONE);
  assert.deepEqual(asked, ['', 'node:']);
  pass(61_000);
  await images.names('n', NONE);
  assert.deepEqual(asked, ['', 'node:', '']);
});

test('a source that fails, hangs or answers nonsense offers nothing, and is asked again after a failure', async () => {
  const failing = source(() => Promise.reject(new Error('offline')));
  assert.deepEqual(await failing.images.names('a', NONE), []);
  assert.deepEqual(await failing.images.names('a', NONE), []);
  assert.equal(failing.asked.length, 2);
  assert.match(failing.warnings[0] ?? '', /offline/);
  const hanging = source(() => new Promise(() => {}));
  assert.deepEqual(await hanging.images.names('a', NONE), []);
  const cancelled = new CancellationTokenSource();
  const waiting = hanging.images.names('b', cancelled.token);
  cancelled.cancel();
  assert.deepEqual(await waiting, []);
  assert.deepEqual(await source(async () => ({ no: 'list' })).images.names('a', NONE), []);
});

test('no names are no answer to keep: a host may be connected by then', async () => {
  let names: string[] = [];
  const { images } = source(async () => names);
  assert.deepEqual(await images.names('no', NONE), []);
  names = ['node:24'];
  assert.deepEqual(await images.names('no', NONE), names);
});

test('names before the colon, tags behind it', () => {
  const labels = (prefix: string, names: string[]): string[] =>
    imageCompletions({ prefix, span }, names).map(({ label }) => label);
  const names = ['node:22', 'node:20-alpine', 'localhost:5000/app', 'localhost:5000/app:1', 'nodejs:1'];
  assert.deepEqual(labels('no', names), names);
  assert.deepEqual(labels('node:', names), ['22', '20-alpine']);
  assert.deepEqual(labels('localhost:5000/app:', names), ['1']);
  assert.deepEqual(labels('localhost:5000/', names), names);
});
