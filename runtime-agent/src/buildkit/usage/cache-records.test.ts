import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildCacheRecord, PruneRequest } from '../../build/cache-upkeep.ts';
import { PruneRequest as PruneMessage } from '../messages/control.ts';
import { createCacheRecords } from './cache-records.ts';

const record = (ID: string, more: Partial<BuildCacheRecord> = {}): BuildCacheRecord => ({
  ID,
  Type: 'regular',
  Description: `RUN ${ID}`,
  InUse: false,
  Shared: false,
  Size: 10,
  CreatedAt: '2026-01-01T00:00:00Z',
  LastUsedAt: '2026-01-02T00:00:00Z',
  UsageCount: 1,
  ...more,
});

function recordsOf(list: BuildCacheRecord[]) {
  const asked: PruneRequest[] = [];
  const removed: string[] = [];
  const context = { id: 'ctx', size: 5, inUse: false, created: 0, lastUsed: 1000, uses: 3 };
  const upkeep = {
    list: async () => list,
    async prune(request: PruneRequest) {
      asked.push(request);
      return {
        CachesDeleted: (request.ids ?? list.map(({ ID }) => ID)).filter((id) => id !== 'ctx'),
        SpaceReclaimed: 0,
      };
    },
  };
  const kept = {
    open: () => assert.fail(),
    list: () => [context],
    remove: (ids: readonly string[]) => removed.push(...ids),
    [Symbol.dispose]() {},
  };
  const records = createCacheRecords(upkeep, kept, () => 2_000_000);
  const ids = async (...filters: string[]) => (await records.list(filters)).map(({ ID }) => ID);
  return { records, asked, removed, ids };
}

const LIST = [record('a', { Shared: true }), record('m', { Type: 'exec.cachemount', InUse: true })];

test('steps, cache mounts and contexts, by filters', async () => {
  const { ids } = recordsOf(LIST);
  assert.deepEqual(await ids(), ['a', 'm', 'ctx']);
  assert.deepEqual(await ids(''), ['a', 'm', 'ctx']);
  assert.deepEqual(await ids('type==source.local'), ['ctx']);
  assert.deepEqual(await ids('type!=regular'), ['m', 'ctx']);
  assert.deepEqual(await ids('description~=RUN,inuse'), ['m']);
  assert.deepEqual(await ids('id==a', 'id=ctx'), ['a', 'ctx']);
  assert.deepEqual(await ids('shared'), ['a']);
});

test('clearing: all, by filter, by age, down to a size', async () => {
  const prune = async (request: Parameters<typeof PruneMessage.encode>[0]) => {
    const { records, asked, removed } = recordsOf(LIST);
    const gone = await records.prune(PruneMessage.decode(PruneMessage.encode(request)));
    return { gone: gone.map(({ ID }) => ID), asked: asked[0], removed };
  };
  assert.deepEqual(await prune({}), { gone: ['a', 'm', 'ctx'], asked: { keepShared: true }, removed: ['ctx'] });
  assert.deepEqual((await prune({ all: true })).asked, {});
  assert.deepEqual(await prune({ filter: ['id==a'] }), {
    gone: ['a'],
    asked: { ids: ['a'], keepShared: true },
    removed: [],
  });
  const old = await prune({ keepDuration: 1_000_000_000 });
  assert.deepEqual([old.asked, old.removed], [{ keepShared: true, unusedSince: 1_999_000 }, ['ctx']]);
  const down = await prune({ maxUsedSpace: 7 });
  assert.deepEqual([down.asked, down.removed], [{ keepShared: true, keepBytes: 7 }, []]);
});
