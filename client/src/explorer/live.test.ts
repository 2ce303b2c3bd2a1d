import assert from 'node:assert/strict';
import { PassThrough, type Readable } from 'node:stream';
import { test } from 'node:test';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { jsonLines } from '../hosts/json-lines.ts';
import { liveSnapshot, partsOf } from './live.ts';

/** An engine that counts what is asked of it and whose events are written by the test. */
function engine() {
  const calls: string[] = [];
  const answers: Record<string, unknown> = {
    '/info': {},
    '/version': { Version: '1' },
    '/containers/json?all=true': [{ Id: 'c1', State: 'running' }],
    '/containers/c1/json': { State: { StartedAt: '2026-01-01T00:00:00Z' } },
    '/images/json': [],
    '/volumes': { Volumes: null },
    '/networks': [],
  };
  let events = new PassThrough();
  const connection = {
    call: async (_method: string, path: string) => {
      calls.push(path);
      return answers[path];
    },
    stream: async (_method: string, _path: string, { signal }: { readonly signal: AbortSignal }): Promise<Readable> => {
      const stream = new PassThrough({ signal });
      events = stream;
      return stream;
    },
  } as unknown as EngineConnection;
  return {
    calls,
    answers,
    connection,
    emit: (event: object) => events.write(`${JSON.stringify(event)}\n`),
    cut: () => events.destroy(new Error('cut')),
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(condition(), condition.toString());
}

test('a first look, then only what an event makes stale, several events at once', async () => {
  const it = engine();
  let changes = 0;
  await using live = liveSnapshot(
    it.connection,
    () => changes++,
    (error) => assert.fail(String(error)),
  );
  await until(() => live.current() !== undefined);
  assert.equal(live.current()?.startedAt.get('c1'), Date.parse('2026-01-01T00:00:00Z'));
  assert.deepEqual(live.current()?.volumes, []);
  it.calls.length = 0;
  it.answers['/images/json'] = [{ Id: 'i1' }];
  for (let i = 0; i < 50; i++) it.emit({ Type: 'image', Action: 'tag' });
  it.emit({ Type: 'container', Action: 'exec_start: sh' });
  await until(() => live.current()?.images.length === 1);
  assert.deepEqual(it.calls, ['/images/json']);
  assert.equal(changes, 2);
});

test('a container that starts again is asked for its new time', async () => {
  const it = engine();
  await using live = liveSnapshot(
    it.connection,
    () => undefined,
    (error) => assert.fail(String(error)),
  );
  await until(() => live.current() !== undefined);
  it.answers['/containers/c1/json'] = { State: { StartedAt: '2026-02-02T00:00:00Z' } };
  it.emit({ Type: 'container', Action: 'die', Actor: { ID: 'c1' } });
  it.emit({ Type: 'container', Action: 'start', Actor: { ID: 'c1' } });
  await until(() => live.current()?.startedAt.get('c1') === Date.parse('2026-02-02T00:00:00Z'));
});

test('a cut event stream is opened again and everything read anew', async () => {
  const it = engine();
  await using live = liveSnapshot(
    it.connection,
    () => undefined,
    (error) => assert.fail(String(error)),
  );
  await until(() => live.current() !== undefined);
  it.answers['/networks'] = [{ Id: 'n1' }];
  it.cut();
  await until(() => live.current()?.networks.length === 1);
});

test('a list that cannot be read is told and keeps the last snapshot', async () => {
  const it = engine();
  const errors: unknown[] = [];
  await using live = liveSnapshot(
    it.connection,
    () => undefined,
    (error) => errors.push(error),
  );
  await until(() => live.current() !== undefined);
  const before = live.current();
  it.connection.call = async () => {
    throw new Error('no');
  };
  await live.refresh();
  assert.equal(errors.length, 1);
  assert.equal(live.current(), before);
  assert.equal(live.problem(), 'no');
  it.connection.call = async <T>(_method: string, path: string) => it.answers[path] as T;
  await live.refresh();
  assert.equal(live.problem(), undefined);
});

test('a first look that fails is told, too', async () => {
  const it = engine();
  let changes = 0;
  it.connection.call = () => Promise.reject(new Error('no answer'));
  await using live = liveSnapshot(
    it.connection,
    () => changes++,
    () => undefined,
  );
  await until(() => live.problem() === 'no answer');
  assert.deepEqual([live.current(), changes], [undefined, 1]);
});

test('which lists an event makes stale', () => {
  const of = (Type: string, Action: string) => partsOf({ Type, Action } as never);
  assert.deepEqual(of('container', 'start'), ['containers']);
  assert.deepEqual(of('container', 'health_status: healthy'), ['containers']);
  assert.deepEqual(of('container', 'exec_create: ls'), []);
  assert.deepEqual(of('container', 'commit'), ['images']);
  assert.deepEqual(of('image', 'pull'), ['images']);
  assert.deepEqual(of('volume', 'create'), ['volumes']);
  assert.deepEqual(of('network', 'create'), ['networks']);
  assert.deepEqual(of('network', 'connect'), ['containers']);
  assert.deepEqual(of('daemon', 'reload'), []);
});

test('JSON lines: cut anywhere, also inside a letter', async () => {
  const bytes = Buffer.from('{"a":"ä"}\n\n{"a":"b"}');
  const stream = new PassThrough();
  for (const byte of bytes) stream.write(Buffer.of(byte));
  stream.end();
  const seen: unknown[] = [];
  for await (const value of jsonLines(stream)) seen.push(value);
  assert.deepEqual(seen, [{ a: 'ä' }, { a: 'b' }]);
});
