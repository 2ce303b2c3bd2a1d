import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStatusLog, type StatusLog } from './status-log.ts';

function logOf(): StatusLog {
  let time = 1_700_000_000_000;
  return createStatusLog({ ref: 'r', messageOf: String, now: () => (time += 500) });
}

async function toldBy(log: StatusLog) {
  const all = [];
  for await (const one of log.read(new AbortController().signal)) all.push(one);
  return {
    vertexes: all.flatMap(({ vertexes = [] }) => vertexes),
    statuses: all.flatMap(({ statuses = [] }) => statuses),
    logs: all.flatMap(({ logs = [] }) => logs),
    warnings: all.flatMap(({ warnings = [] }) => warnings),
  };
}

test('tasks are vertexes with times, output, parts, warnings', async () => {
  const log = logOf();
  log.watch({ kind: 'task', id: 'a', name: 'first', inputs: [] });
  log.watch({ kind: 'task', id: 'b', name: 'second', inputs: ['a'] });
  log.watch({ kind: 'started', id: 'a' });
  log.watch({ kind: 'output', id: 'a', stream: 'stderr', chunk: Buffer.from('said') });
  log.watch({ kind: 'part', id: 'a', part: 'moving', current: 5, done: true });
  log.watch({ kind: 'ended', id: 'a' });
  log.watch({ kind: 'ended', id: 'b', cached: true });
  log.watch({ kind: 'warning', text: 'careful' });
  log.watch({ kind: 'started', id: 'no task' });
  log.end();
  const { vertexes, statuses, logs, warnings } = await toldBy(log);
  const [first, second] = vertexes;
  assert.match(first?.digest ?? '', /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual(second?.inputs, [first?.digest]);
  const ended = vertexes.filter(({ completed }) => completed !== undefined);
  assert.deepEqual(
    ended.map(({ name, cached }) => [name, cached]),
    [
      ['first', false],
      ['second', true],
    ],
  );
  assert.deepEqual(ended[0]?.started, { seconds: 1_700_000_000, nanos: 500_000_000 });
  assert.deepEqual(
    logs.map(({ stream, msg }) => [stream, String(msg)]),
    [[2, 'said']],
  );
  assert.deepEqual(
    statuses.map(({ ID, current, completed }) => [ID, current, completed !== undefined]),
    [['moving', 5, true]],
  );
  assert.deepEqual(
    warnings.map(({ vertex, short }) => [vertex, String(short)]),
    [[first?.digest, 'careful']],
  );
});

test('what has ended well is not told again when it is done for another; a failure is', async () => {
  const log = logOf();
  const twice = (id: string, error?: Error): void => {
    for (let i = 0; i < 2; i++) {
      log.watch({ kind: 'task', id, name: id, inputs: [] });
      log.watch({ kind: 'ended', id, ...(error === undefined ? {} : { error }) });
    }
  };
  twice('good');
  twice('bad', new Error('broken'));
  log.end();
  const ended = (await toldBy(log)).vertexes.filter(({ completed }) => completed !== undefined);
  assert.deepEqual(
    ended.map(({ name, error }) => [name, error]),
    [
      ['good', ''],
      ['bad', 'Error: broken'],
      ['bad', 'Error: broken'],
    ],
  );
});

test('who reads while the build goes on hears the rest, and may stop', async () => {
  const log = logOf();
  const stop = new AbortController();
  const reading = (async () => {
    let count = 0;
    for await (const { vertexes = [] } of log.read(stop.signal)) count += vertexes.length;
    return count;
  })();
  const whole = toldBy(log);
  log.watch({ kind: 'task', id: 'a', name: 'a', inputs: [] });
  await new Promise(setImmediate);
  stop.abort();
  assert.equal(await reading, 1);
  log.watch({ kind: 'started', id: 'a' });
  log.end();
  assert.equal((await whole).vertexes.length, 2);
});
