import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import { importedCache, type LoadedCache } from './imported-cache.ts';

const { signal } = new AbortController();
const outcome = (description: string, diffId: string) => ({
  created: '2024-01-02T03:04:05.000Z',
  description,
  layer: { chainId: `chain of ${diffId}`, diffId, size: 1 },
});

test('the first cache that remembers counts; a layer comes from the first that can give it', async () => {
  const warnings: string[] = [];
  const brought: string[] = [];
  const broken = async (): Promise<void> => {
    throw new EngineError('unavailable', 'the registry is away');
  };
  const caches: LoadedCache[] = [
    { steps: [{ keys: ['k'], outcome: outcome('first', 'd1') }], layers: new Map([['d1', broken]]) },
    {
      steps: [
        { keys: ['k'], outcome: outcome('second', 'd2') },
        { keys: ['other'], outcome: outcome('other', 'd3') },
      ],
      layers: new Map([['d1', async (parent) => void brought.push(`d1 on ${parent}`)]]),
    },
  ];
  const cache = importedCache(caches, (text) => warnings.push(text));
  assert.equal(cache.find('k')?.description, 'first');
  assert.equal(cache.find('other')?.description, 'other');
  assert.equal(cache.find('unknown'), undefined);
  assert.equal(await cache.bring('d1', 'below', signal), true);
  assert.deepEqual(brought, ['d1 on below']);
  assert.match(warnings.join(), /cannot be had, its step is done again: the registry is away/);
  assert.equal(await cache.bring('d3', undefined, signal), false, 'remembered, but no cache has the layer');
});

test('a build that is cancelled does not go on with the next cache', async () => {
  const gone = new AbortController();
  const failing = async (): Promise<void> => {
    gone.abort(new EngineError('cancelled', 'gone'));
    throw new EngineError('unavailable', 'cut');
  };
  const cache = importedCache([{ steps: [], layers: new Map([['d', failing]]) }], () => {});
  await assert.rejects(cache.bring('d', undefined, gone.signal), { code: 'cancelled' });
});
