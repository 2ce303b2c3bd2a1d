import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageSummary } from '#model/engine-api/types.ts';
import { olderThan } from '../version.ts';
import { imageForVersion, summaryForVersion } from './images.ts';

const NEVER = '0001-01-01T00:00:00Z';
const IMAGE = { Created: NEVER, Id: 'sha256:1', Size: 7, Config: { Cmd: ['sh'], User: 'me' } };

const inspect = (version: string, more = {}): Record<string, unknown> =>
  imageForVersion({ ...IMAGE, ...more }, olderThan(version)) as Record<string, unknown>;

test('an image is shown to old clients with what they had', () => {
  const { Created: _never, ...shown } = IMAGE;
  assert.deepEqual(inspect('1.51'), { ...shown, ContainerConfig: {} });
  assert.deepEqual(inspect('1.50'), inspect('1.51'));
  const before50 = inspect('1.49');
  assert.deepEqual(Object.keys(before50), ['Id', 'Size', 'Config', 'ContainerConfig']);
  const config = before50['Config'] as Record<string, unknown>;
  assert.deepEqual([config['Cmd'], config['User'], config['Hostname'], config['Tty']], [['sh'], 'me', '', false]);
  assert.deepEqual(inspect('1.45')['ContainerConfig'], {});
  assert.deepEqual([inspect('1.43')['Created'], 'Created' in before50], [NEVER, false]);
  const before45 = inspect('1.44');
  assert.equal((before45['ContainerConfig'] as Record<string, unknown>)['Volumes'], null);
  assert.equal(before45['VirtualSize'], undefined);
  const compose1 = inspect('1.38');
  assert.equal(compose1['VirtualSize'], 7);
  assert.equal((compose1['ContainerConfig'] as Record<string, unknown>)['Cmd'], null);
});

test('what a builder before BuildKit has left is for the clients of its time', () => {
  const left = { Size: 0, Container: 'c1', ContainerConfig: { Hostname: 'h', Cmd: ['a'] } };
  const old = inspect('1.43', left);
  const { Hostname, Cmd, Volumes } = old['ContainerConfig'] as Record<string, unknown>;
  assert.deepEqual([old['Container'], Hostname, Cmd, Volumes], ['c1', 'h', ['a'], null]);
  assert.ok(!('VirtualSize' in old), 'of an image that has none');
  const now = inspect('1.51', left);
  assert.deepEqual([now['Container'], now['ContainerConfig']], [undefined, {}]);
});

test('an image without a name is listed to old clients with one that says so', () => {
  const summary = { Id: 'i', Size: 5, Containers: 2, RepoTags: [], RepoDigests: [] } as unknown as ImageSummary;
  const listed = (version: string, names: Partial<ImageSummary> = {}) =>
    summaryForVersion({ ...summary, ...names }, olderThan(version));
  assert.deepEqual(listed('1.51'), summary);
  assert.deepEqual(listed('1.44'), { ...summary, Containers: -1 });
  assert.deepEqual(listed('1.43'), { ...summary, Containers: -1, VirtualSize: 5 });
  const none = { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] };
  assert.deepEqual(listed('1.42'), { ...summary, Containers: -1, VirtualSize: 5, ...none });
  const named = listed('1.24', { RepoTags: ['a:1'] }) as ImageSummary;
  assert.deepEqual([named.RepoTags, named.RepoDigests], [['a:1'], null]);
});
