import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { readCacheOptions } from './cache-options.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-cache-options-'));
after(() => rmSync(folder, { recursive: true }));

test('a name alone is an image or cache in a registry', () => {
  const { imports, exports } = readCacheOptions(['team/app:cache'], ['host:5000/c']);
  assert.deepEqual(imports, [{ type: 'registry', reference: 'team/app:cache' }]);
  assert.deepEqual(exports, [
    { type: 'registry', reference: 'host:5000/c', mode: 'min', asImage: true, oci: true, ignoreError: false },
  ]);
});

test('fields become what the engine is asked; folders are known by number', () => {
  writeFileSync(path.join(folder, 'index.json'), '{}');
  const from = [`type=local,src=${folder},tag=t`, 'type=local,src=/not/there'];
  const to = ['type=local,dest=/d,mode=max,image-manifest=false,ignore-error=true', 'type=inline'];
  const { imports, exports, folders } = readCacheOptions(from, to);
  assert.deepEqual(imports, [{ type: 'client', name: 'cache0', tag: 't' }]);
  const how = { mode: 'max', asImage: false, oci: true, ignoreError: true };
  assert.deepEqual(exports, [{ type: 'client', name: 'cache1', tag: 'latest', ...how }, { type: 'inline' }]);
  assert.deepEqual(
    [...folders],
    [
      ['cache0', folder],
      ['cache1', '/d'],
    ],
  );
});

test('what is not known, or not there, is said', () => {
  for (const [from, to, expected] of [
    [['type=gha'], [], /no cache of the type "gha": use registry, local or inline/],
    [['type=registry'], [], /ref is required/],
    [[], ['type=registry,ref=r,mode=all'], /mode is min or max/],
    [[], ['type=registry,ref=r,compression=zstd'], /gzip only/],
    [[], ['type=registry,ref=r,whatever=1'], /whatever is not known/],
    [[], ['type=inline,mode=max'], /mode=min only/],
    [[], ['type=local'], /dest is required/],
  ] as const)
    assert.throws(() => readCacheOptions(from, to), expected);
});
