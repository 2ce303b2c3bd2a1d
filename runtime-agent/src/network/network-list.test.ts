import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkInspect } from '#model/engine-api/types.ts';
import { filterNetworks } from './network-list.ts';
import { pruneNetworks } from './network-prune.ts';

const networks: NetworkInspect[] = [
  { Name: 'bridge', Id: 'aa11', Driver: 'bridge', Scope: 'local', Containers: {} },
  { Name: 'host', Id: 'bb22', Driver: 'host', Scope: 'local', Containers: {} },
  {
    Name: 'web-net',
    Id: 'cc33',
    Driver: 'bridge',
    Scope: 'local',
    Labels: { stage: 'test' },
    Created: '2026-01-01T00:00:00Z',
    Containers: { c1: {} },
  },
  { Name: 'idle', Id: 'dd44', Driver: 'bridge', Scope: 'local', Created: '2026-01-02T00:00:00Z', Containers: {} },
];
const names = (filters: Record<string, string[]>): (string | undefined)[] =>
  filterNetworks(networks, new Map(Object.entries(filters))).map(({ Name }) => Name);

test('filters', () => {
  const rows: [Record<string, string[]>, string[]][] = [
    [{}, ['bridge', 'host', 'web-net', 'idle']],
    [{ name: ['web'] }, ['web-net']],
    [{ name: ['web', 'host'] }, ['host', 'web-net']],
    [{ id: ['3'] }, ['web-net']],
    [{ driver: ['host'] }, ['host']],
    [{ scope: ['swarm'] }, []],
    [{ type: ['builtin'] }, ['bridge', 'host']],
    [{ type: ['custom'] }, ['web-net', 'idle']],
    [{ label: ['stage=test'] }, ['web-net']],
    [{ dangling: ['true'] }, ['idle']],
    [{ dangling: ['0'] }, ['bridge', 'host', 'web-net']],
    [{ type: ['custom'], dangling: ['false'] }, ['web-net']],
  ];
  for (const [filters, expected] of rows) assert.deepEqual(names(filters), expected, JSON.stringify(filters));
});

test('filters that make no sense', () => {
  assert.throws(() => names({ foo: ['x'] }), /^EngineError: invalid filter 'foo'$/);
  assert.throws(() => names({ type: ['foo'] }), /^EngineError: invalid filter: 'type'='foo'$/);
  assert.throws(
    () => names({ dangling: ['maybe'] }),
    /^EngineError: invalid value for filter 'dangling', must be "true"/,
  );
  assert.throws(() => names({ dangling: ['true', 'false'] }), /got more than one value for filter key "dangling"/);
});

test('prune removes user-defined networks without containers, within the filters', async () => {
  const prune = async (filters: Record<string, string[]>): Promise<string[]> => {
    const removed: string[] = [];
    const remove = async (id: string): Promise<void> => void removed.push(id);
    await pruneNetworks({ list: () => networks, remove }, new Map(Object.entries(filters)), Date.parse('2026-01-03'));
    return removed;
  };
  assert.deepEqual(await prune({}), ['dd44']);
  assert.deepEqual(await prune({ until: ['48h'] }), []);
  assert.deepEqual(await prune({ until: ['12h'] }), ['dd44']);
  assert.deepEqual(await prune({ 'label!': ['stage'] }), ['dd44']);
  assert.deepEqual(await prune({ label: ['stage'] }), []);
  await assert.rejects(prune({ dangling: ['true'] }), /invalid filter 'dangling'/);
});
