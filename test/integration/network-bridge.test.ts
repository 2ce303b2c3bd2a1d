/** Networks in the real kernel: who reaches whom, and what is left afterwards. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type NetworkWorld, output, startNetworks } from '../support/networks.ts';
import { startOutside } from '../support/outside.ts';

const bridgeOf = (world: NetworkWorld, name: string): string => {
  const { Options: options, Id: id = '' } = world.networks.inspect(name);
  return options?.['com.docker.network.bridge.name'] ?? `br-${id.slice(0, 12)}`;
};

describe('one network', () => {
  test('containers of the default network reach one another, the host and the world outside', async () => {
    await using world = await startNetworks();
    await using outside = await startOutside();
    const [a, b] = [await world.open('a'), await world.open('b')];
    await Promise.all([b.serve('tcp', 80), b.serve('udp', 80)]);
    assert.equal(await a.ask('tcp', b.address(), 80), `b from ${a.address()}`);
    assert.equal(await a.ask('udp', b.address(), 80), `b from ${a.address()}`);
    await outside.serve('tcp', 7);
    assert.equal(await a.ask('tcp', outside.address, 7), `outside from ${outside.hostAddress}`, 'not masqueraded');
  });

  test('addresses are Docker’s: the gateway first, then in order, with the default route', async () => {
    await using world = await startNetworks();
    const { Config: [subnet] = [] } = world.networks.inspect('bridge').IPAM ?? {};
    const prefix = subnet?.Gateway?.replace(/\.1$/, '');
    const a = await world.open('a');
    assert.equal(a.address(), `${prefix}.2`);
    assert.equal((await world.open('b')).address(), `${prefix}.3`);
    assert.match(await a.run('ip', 'route'), new RegExp(`^default via ${prefix}.1 dev eth0`));
    const addresses = await a.run('ip', '-o', 'address');
    assert.match(addresses, new RegExp(`eth0 +inet ${prefix}.2/16`));
    assert.doesNotMatch(addresses, /eth0 +inet6/, 'no IPv6 where the network has none');
    assert.match(addresses, /lo +inet6 ::1/);
    const { MacAddress: mac = '' } = a.settings.Networks?.['bridge'] ?? {};
    assert.match(await a.run('ip', 'link', 'show', 'eth0'), new RegExp(`link/ether ${mac}`));
  });

  test('an address that was given back is given again, and works', async () => {
    await using world = await startNetworks();
    const [a, b] = [await world.open('a'), await world.open('b')];
    await b.serve('tcp', 80);
    for (let i = 0; i < 6; i++) {
      const c = await world.open(`c${i}`);
      assert.equal(await c.ask('tcp', b.address(), 80), `b from ${c.address()}`);
      await world.networks.close(c.id);
    }
    assert.equal(await a.ask('tcp', b.address(), 80), `b from ${a.address()}`);
  });

  test('without containers reaching one another (enable_icc=false)', async () => {
    await using world = await startNetworks();
    await using outside = await startOutside();
    await world.networks.create({ Name: 'apart', Options: { 'com.docker.network.bridge.enable_icc': 'false' } });
    const [a, b] = [await world.open('a', { mode: 'apart' }), await world.open('b', { mode: 'apart' })];
    await Promise.all([b.serve('tcp', 80), outside.serve('tcp', 7)]);
    assert.notEqual(await a.ask('tcp', b.address(), 80), `b from ${a.address()}`);
    assert.equal(await a.ask('tcp', outside.address, 7), `outside from ${outside.hostAddress}`);
  });

  test('an MTU is that of both sides', async () => {
    await using world = await startNetworks();
    await world.networks.create({ Name: 'small', Options: { 'com.docker.network.driver.mtu': '1280' } });
    const a = await world.open('a', { mode: 'small' });
    assert.match(await a.run('ip', 'link', 'show', 'eth0'), /mtu 1280/);
    await world.networks.create({ Name: 'usual', Options: { 'com.docker.network.driver.mtu': '1500' } });
    const b = await world.open('b', { mode: 'usual' });
    assert.match(await b.run('ip', 'link', 'show', 'eth0'), /mtu 1500/);
    assert.match(await output('ip', 'link', 'show', bridgeOf(world, 'small')), /mtu 1280/);
  });
});

describe('several networks', () => {
  test('are isolated from one another, in both directions', async () => {
    await using world = await startNetworks();
    await world.networks.create({ Name: 'one' });
    await world.networks.create({ Name: 'two' });
    const [a, b] = [await world.open('a', { mode: 'one' }), await world.open('b', { mode: 'two' })];
    await Promise.all([a.serve('tcp', 80), b.serve('tcp', 80)]);
    assert.equal(await a.ask('tcp', b.address(), 80), 'timeout');
    assert.equal(await b.ask('tcp', a.address(), 80), 'timeout');
  });

  test('an internal one leads nowhere, and nothing leads into it', async () => {
    await using world = await startNetworks();
    await using outside = await startOutside();
    await outside.serve('tcp', 7);
    await world.networks.create({ Name: 'inner', Internal: true });
    const [a, b, c] = [
      await world.open('a', { mode: 'inner' }),
      await world.open('b', { mode: 'inner', portBindings: { '80/tcp': [{ HostPort: '0' }] } }),
      await world.open('c'),
    ];
    await b.serve('tcp', 80);
    assert.equal(await a.ask('tcp', b.address(), 80), `b from ${a.address()}`);
    assert.equal(await a.ask('tcp', outside.address, 7), 'ENETUNREACH');
    // Even with routes there and back.
    const gateway = world.networks.inspect('inner').IPAM?.Config?.[0]?.Gateway ?? '';
    await a.run('ip', 'route', 'add', 'default', 'via', gateway);
    await outside.run('ip', 'route', 'add', a.address(), 'via', outside.hostAddress);
    assert.equal(await a.ask('tcp', outside.address, 7), 'timeout');
    assert.equal(await c.ask('tcp', b.address(), 80), 'timeout');
    assert.deepEqual(b.settings.Ports, {}, 'nothing is published from an internal network');
    assert.equal(b.settings.Networks?.['inner']?.Gateway, '');
  });

  test('nobody outside reaches a container past its published ports, with whatever routes', async () => {
    await using world = await startNetworks();
    await using outside = await startOutside();
    const a = await world.open('a');
    await a.serve('tcp', 80);
    await outside.run('ip', 'route', 'add', a.address(), 'via', outside.hostAddress);
    assert.equal(await outside.ask('tcp', a.address(), 80), 'timeout');
  });

  test('a container does not reach what listens on the host’s loopback', async () => {
    await using world = await startNetworks();
    const a = await world.open('a');
    const gateway = a.settings.Networks?.['bridge']?.Gateway ?? '';
    await using listener = await listenOnLoopback();
    // Addressed to 127.0.0.1 on the wire: the bridge has route_localnet, for published ports.
    await a.run('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; ip address flush dev lo');
    await a.run('ip', 'route', 'flush', 'table', 'local', '127.0.0.0/8').catch(() => '');
    await a.run('ip', 'route', 'add', '127.0.0.1', 'via', gateway);
    assert.equal(await a.ask('tcp', '127.0.0.1', listener.port), 'timeout');
  });
});

async function listenOnLoopback(): Promise<AsyncDisposable & { readonly port: number }> {
  const { createServer } = await import('node:net');
  const server = createServer((socket) => socket.end('from the host'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

describe('modes without a network', () => {
  test('none has a loopback and nothing else', async () => {
    await using world = await startNetworks();
    const a = await world.open('a', { mode: 'none' });
    const links = JSON.parse(await a.run('ip', '-j', 'link')) as { ifname: string; flags: string[] }[];
    assert.deepEqual(
      links.map(({ ifname }) => ifname),
      ['lo'],
    );
    assert.ok(links[0]?.flags.includes('UP'));
    assert.deepEqual(Object.keys(a.settings.Networks ?? {}), ['none']);
    assert.ok(a.settings.SandboxKey?.endsWith(a.netnsPath ?? '-'));
  });

  test('host has the host’s namespace, files and names', async () => {
    await using world = await startNetworks();
    const a = await world.open('a', { mode: 'host', extraHosts: ['extra:1.2.3.4'] });
    assert.equal(a.netnsPath, undefined);
    assert.match(a.hosts, /\n1\.2\.3\.4\textra\n$/);
    assert.deepEqual(Object.keys(a.settings.Networks ?? {}), ['host']);
    assert.equal(Object.keys(world.networks.inspect('host').Containers ?? {})[0], a.id);
  });

  test('container:ID shares namespace and files of the other, which must run', async () => {
    await using world = await startNetworks();
    const a = await world.open('a');
    const b = await world.open('b', { mode: `container:${a.id}` });
    assert.equal(b.netnsPath, a.netnsPath);
    assert.equal(b.hosts, a.hosts);
    assert.deepEqual(b.settings.Networks, {});
    await world.networks.close(a.id);
    await assert.rejects(
      world.open('c', { mode: `container:${a.id}` }),
      new RegExp(`cannot join network namespace of a non running container: ${a.id}`),
    );
  });
});
