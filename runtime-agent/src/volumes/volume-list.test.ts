import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Volume } from '#model/engine-api/types.ts';
import { filterVolumes } from './volume-list.ts';
import { pruneVolumes } from './volume-prune.ts';

const volume = (name: string, more: Record<string, unknown> = {}): Volume =>
  ({
    Name: name,
    Driver: 'local',
    Mountpoint: `/nowhere/${name}`,
    Labels: null,
    Options: null,
    ...more,
  }) as unknown as Volume;
const all = [
  volume('data', { Labels: { stage: 'test' } }),
  volume('anon', { Labels: { 'com.docker.volume.anonymous': '' } }),
  volume('used-anon', { Labels: { 'com.docker.volume.anonymous': '' } }),
  volume('remote', { Options: { type: 'nfs', device: ':/x' }, Labels: { 'com.docker.volume.anonymous': '' } }),
];
const users = (name: string): readonly string[] => (name === 'used-anon' ? ['c1'] : []);
const list = (): readonly Volume[] => all;
const map = (filters: Record<string, string[]>) => new Map(Object.entries(filters));

test('filters', () => {
  const rows: [Record<string, string[]>, string[]][] = [
    [{}, ['data', 'anon', 'used-anon', 'remote']],
    [{ name: ['anon'] }, ['anon', 'used-anon']],
    [{ dangling: ['1'] }, ['data', 'anon', 'remote']],
    [{ dangling: ['false'] }, ['used-anon']],
    [{ driver: ['nfs'] }, []],
    [{ label: ['stage=test'] }, ['data']],
  ];
  for (const [filters, expected] of rows) {
    const names = filterVolumes({ list, users }, map(filters)).map(({ Name }) => Name);
    assert.deepEqual(names, expected, JSON.stringify(filters));
  }
  assert.throws(() => filterVolumes({ list, users }, map({ foo: ['x'] })), /invalid filter 'foo'/);
  assert.throws(
    () => filterVolumes({ list, users }, map({ dangling: ['x'] })),
    /^EngineError: invalid filter 'dangling=\[x\]'$/,
  );
});

async function prune(filters: Record<string, string[]>, allByDefault = false, busy = ''): Promise<readonly string[]> {
  const remove = async (name: string): Promise<void> => {
    if (name === busy) throw new EngineError('conflict', 'in use');
  };
  return (await pruneVolumes({ list, users, remove }, map(filters), allByDefault)).VolumesDeleted;
}

test('prune: anonymous ones that nobody has; with all every one that is the engine’s own', async () => {
  assert.deepEqual(await prune({}), ['anon']);
  assert.deepEqual(await prune({ all: ['true'] }), ['data', 'anon']);
  assert.deepEqual(await prune({}, true), ['data', 'anon'], 'before 1.42');
  assert.deepEqual(await prune({ all: ['0'] }, true), ['anon']);
  assert.deepEqual(await prune({ all: ['1'], label: ['stage'] }), ['data']);
  assert.deepEqual(await prune({ all: ['1'], 'label!': ['stage'] }), ['anon']);
  assert.deepEqual(await prune({ all: ['1'] }, false, 'data'), ['anon'], 'taken meanwhile');
  await assert.rejects(
    prune({ all: ['x'] }),
    /^EngineError: invalid filter 'all': strconv\.ParseBool: parsing "x": invalid/,
  );
  await assert.rejects(prune({ until: ['1h'] }), /^EngineError: invalid filter 'until'$/);
});
