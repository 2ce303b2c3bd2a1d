import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Database } from '../state/collection.ts';
import { openDatabase } from '../state/database.ts';
import { openBuildHistory } from './build-history.ts';
import type { BuildRequest } from './request.ts';

let database: Database;
beforeEach(() => {
  database = openDatabase(':memory:');
});
afterEach(() => database[Symbol.dispose]());

const { signal } = new AbortController();
const made = { imageId: 'sha256:1', made: undefined, unusedArguments: [] } as never;
const say = ({ onEvent }: BuildRequest, text: string): void => onEvent?.({ kind: 'text', text });

test('builds are listed, the latest first, with how they ended and what they said', async () => {
  const history = openBuildHistory(database);
  const heard: string[] = [];
  const onEvent: BuildRequest['onEvent'] = (event) => void heard.push(event.kind);
  await history.record({ signal, tags: ['app:1', 'app:2'], target: 'web', onEvent }, async (request) => {
    say(request, 'Step 1/1\n');
    const [running] = await history.list();
    assert.deepEqual([running?.status, running?.name], ['running', 'app:1 (web)']);
    assert.equal(await history.log(running?.id ?? ''), 'Step 1/1\n');
    return made;
  });
  const fails = async (error: Error): Promise<void> => {
    const failing = async (): Promise<never> => {
      throw error;
    };
    await assert.rejects(history.record({ signal, remote: 'https://x/y.git' }, failing), error);
  };
  await fails(new EngineError('invalid', 'COPY failed'));
  await fails(new EngineError('cancelled', 'the build was cancelled'));
  assert.deepEqual(heard, ['text']);

  const again = openBuildHistory(database); // another engine on the same data, after a kill
  const list = await again.list();
  assert.deepEqual(
    list.map(({ status, name, imageId, error }) => [status, name, imageId, error]),
    [
      ['cancelled', 'https://x/y.git', undefined, 'the build was cancelled'],
      ['error', 'https://x/y.git', undefined, 'COPY failed'],
      ['completed', 'app:1 (web)', 'sha256:1', undefined],
    ],
  );
  assert.equal(await again.log(list[2]?.id.slice(0, 8) ?? ''), 'Step 1/1\n');
  assert.equal(await again.log(list[1]?.id ?? ''), 'COPY failed\n');
  await assert.rejects(again.log('nothing'), { code: 'not-found' });
});

test('only the latest are kept, and not all of what one says', async () => {
  const history = openBuildHistory(database);
  for (let i = 0; i < 53; i++) await history.record({ signal, tags: [`${i}`] }, async () => made);
  assert.deepEqual(
    (await history.list()).map(({ name }) => name),
    Array.from({ length: 50 }, (_, i) => `${52 - i}`),
  );
  assert.equal(database.collection('build_history').all().length, 50);
  await history.record({ signal, tags: ['loud'] }, async (request) => {
    for (let i = 0; i < 3; i++) say(request, 'x'.repeat(1 << 20));
    return made;
  });
  const loud = (await history.list()).find(({ name }) => name === 'loud');
  const log = await history.log(loud?.id ?? '');
  assert.ok(log.length < 1.1 * (1 << 20) && log.endsWith('… (the rest was not kept)\n'));
});
