import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import type { Sandbox, SandboxRequest } from '../../network/networks.ts';
import { createNetworkLeases } from './network-leases.ts';

function networks() {
  const open = new Map<string, SandboxRequest>();
  const sandbox: Sandbox = { netnsPath: '/n', userNamespacePath: undefined, settings: {}, hosts: '', resolvConf: '' };
  return {
    open: async (request: SandboxRequest): Promise<Sandbox> => {
      open.set(request.containerId, request);
      return sandbox;
    },
    close: async (id: string): Promise<void> => void open.delete(id),
    opened: open,
  };
}

test('a step that ended leaves its network to the next one of the same kind', async () => {
  const made = networks();
  await using leases = createNetworkLeases(made, ['a:1.2.3.4']);
  const first = await leases.take('bridge');
  const second = await leases.take('bridge');
  assert.notEqual(first.hostname, second.hostname);
  first[Symbol.dispose]();
  assert.equal((await leases.take('bridge')).hostname, first.hostname);
  await leases.take('none');
  assert.equal(made.opened.size, 3);
  const [request] = made.opened.values();
  assert.deepEqual([request?.mode, request?.extraHosts, request?.endpoints], ['bridge', ['a:1.2.3.4'], { bridge: {} }]);
});

test('all are closed in the end, also those in use', async () => {
  const made = networks();
  {
    await using leases = createNetworkLeases(made, []);
    await leases.take('bridge');
    (await leases.take('host'))[Symbol.dispose]();
    assert.equal(made.opened.size, 2);
  }
  assert.equal(made.opened.size, 0);
});

test("with the host's network the name is the host's", async () => {
  const made = networks();
  await using leases = createNetworkLeases(made, []);
  const lease = await leases.take('host');
  assert.equal(lease.hostname, hostname());
  assert.deepEqual([...made.opened.values()][0]?.endpoints, {});
});
