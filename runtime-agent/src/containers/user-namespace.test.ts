import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapIds, SAME_IDS } from '../host/id-mapping.ts';
import { checkUserNamespace, isRemapped } from './user-namespace.ts';

const range = [{ containerID: 0, hostID: 5000, size: 10 }];
const ids = mapIds(range, range);

test('remapped are those that do not ask for the host’s namespace, where there is a mapping', () => {
  assert.equal(isRemapped(ids, {}), true);
  assert.equal(isRemapped(ids, { UsernsMode: 'host' }), false);
  assert.equal(isRemapped(SAME_IDS, {}), false);
});

test('privileges over the host are refused in order of weight, and only to the remapped', () => {
  const all = { Privileged: true, NetworkMode: 'host', PidMode: 'host' };
  assert.throws(() => checkUserNamespace(ids, all), { code: 'invalid', message: /^privileged mode is incompatible/ });
  assert.throws(() => checkUserNamespace(ids, { ...all, Privileged: false }), { message: /network namespace/ });
  assert.throws(() => checkUserNamespace(ids, { PidMode: 'host' }), { message: /PID namespace/ });
  checkUserNamespace(ids, { UTSMode: 'host', IpcMode: 'host', NetworkMode: 'bridge', PidMode: 'container:x' });
  checkUserNamespace(ids, { ...all, UsernsMode: 'host' });
  checkUserNamespace(SAME_IDS, all);
});
