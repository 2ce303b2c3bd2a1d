import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sandbox, SandboxRequest } from '../../network/networks.ts';
import { createNetworkLeases } from './network-leases.ts';

function networks() {
  const open = new Map<string, SandboxRequest>();
  const sandbox = (): Sandbox => ({
    netnsPath: '/n',
    userNamespacePath: undefined,
    settings: {},
    hosts: '127.0.0.1\tlocalhost\nff00::\tip6-mcastprefix\n1.2.3.4\ta\n172.17.0.2\tbuildkitsandbox\n',
    resolvConf: '',
  });
  return {
    open: async (request: SandboxRequest): Promise<Sandbox> => {
      open.set(request.containerId, request);
      return sandbox();
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
  assert.notEqual(first.sandbox, second.sandbox);
  first[Symbol.dispose]();
  assert.equal((await leases.take('bridge')).sandbox, first.sandbox);
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

test('names and hosts are the same every time, whatever the network is', async () => {
  await using leases = createNetworkLeases(networks(), ['a:1.2.3.4']);
  for (const mode of ['host', 'bridge']) {
    const { hostname, hosts } = await leases.take(mode);
    const lines = ['127.0.0.1\tlocalhost buildkitsandbox', '::1\tlocalhost ip6-localhost ip6-loopback', '1.2.3.4\ta'];
    assert.deepEqual([hostname, hosts], ['buildkitsandbox', `${lines.join('\n')}\n`]);
  }
});

test('a machine with a name of its own has it in its hosts, with its address', async () => {
  await using leases = createNetworkLeases(networks(), []);
  const { hostname, hosts } = await leases.take('bridge', 'abc');
  assert.equal(hostname, 'abc');
  assert.match(hosts, /^127\.0\.0\.1\tlocalhost\n[^]*\n172\.17\.0\.2\tabc\n$/);
});
