import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../route.ts';
import { imageRoutes } from './images.ts';

const NEVER = '0001-01-01T00:00:00Z';
const IMAGE = { Created: NEVER, Id: 'sha256:1', Size: 7, Config: { Cmd: ['sh'], User: 'me' } };
const refuse = (): never => assert.fail('not asked for');
const routes = imageRoutes({
  inspect: (name) => ({ ...IMAGE, name }),
  summaries: refuse,
  history: refuse,
  tag: refuse,
  remove: refuse,
  prune: refuse,
  search: refuse,
});

async function inspect(apiVersion: string): Promise<Record<string, unknown>> {
  const route = routes.find(({ path }) => path === '/images/{name*}/json');
  const reply = await route?.handle({
    params: { name: 'busybox' },
    query: new URLSearchParams(),
    apiVersion,
  } as unknown as Call);
  assert.equal(reply?.status, 200);
  return reply.body as Record<string, unknown>;
}

test('an image is shown to old clients with what they had', async () => {
  const { Created: _never, ...shown } = IMAGE;
  assert.deepEqual(await inspect('1.51'), { ...shown, name: 'busybox', ContainerConfig: {} });
  assert.deepEqual(await inspect('1.50'), await inspect('1.51'));
  const before50 = await inspect('1.49');
  assert.deepEqual(Object.keys(before50), ['Id', 'Size', 'Config', 'name', 'ContainerConfig']);
  const config = before50['Config'] as Record<string, unknown>;
  assert.deepEqual([config['Cmd'], config['User'], config['Hostname'], config['Tty']], [['sh'], 'me', '', false]);
  assert.deepEqual((await inspect('1.45'))['ContainerConfig'], {});
  assert.deepEqual([(await inspect('1.43'))['Created'], 'Created' in before50], [NEVER, false]);
  const before45 = await inspect('1.44');
  assert.equal((before45['ContainerConfig'] as Record<string, unknown>)['Volumes'], null);
  assert.equal(before45['VirtualSize'], undefined);
  const compose1 = await inspect('1.38');
  assert.equal(compose1['VirtualSize'], 7);
  assert.equal((compose1['ContainerConfig'] as Record<string, unknown>)['Cmd'], null);
});
