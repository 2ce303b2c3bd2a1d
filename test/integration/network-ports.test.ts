/** Published ports in the real kernel. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { describe, test } from 'node:test';
import { ask, bridgeFiltering, type Inhabitant, type NetworkWorld, startNetworks } from '../support/networks.ts';
import { startOutside } from '../support/outside.ts';

const fromHere = (protocol: string, address: string, port: number) => ask(undefined, protocol, address, port);
const hostPort = ({ settings }: Inhabitant, spec: string, index = 0): number =>
  Number(settings.Ports?.[spec]?.[index]?.HostPort);

/** A server that publishes TCP and UDP 80 on any port of the host. */
async function publish(world: NetworkWorld, name: string, mode = 'bridge'): Promise<Inhabitant> {
  const web = await world.open(name, { mode, portBindings: { '80/tcp': [{}], '80/udp': [{}] } });
  await Promise.all([web.serve('tcp', 80), web.serve('udp', 80)]);
  return web;
}

async function listening(host: string): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())) };
}

describe('a published port', () => {
  test('is reached from the host’s loopback and addresses, from outside, from containers, itself included', async () => {
    await using world = await startNetworks();
    await using outside = await startOutside();
    const web = await publish(world, 'web');
    await world.networks.create({ Name: 'other' });
    const [same, other] = [await world.open('same'), await world.open('other', { mode: 'other' })];
    const [tcp, udp] = [hostPort(web, '80/tcp'), hostPort(web, '80/udp')];
    for (const [protocol, port] of [
      ['tcp', tcp],
      ['udp', udp],
    ] as const) {
      assert.match(await fromHere(protocol, '127.0.0.1', port), /^web from /);
      assert.match(await fromHere(protocol, '127.0.0.99', port), /^web from /);
      assert.match(await fromHere(protocol, '::1', port), /^web from /);
      assert.match(await fromHere(protocol, outside.hostAddress, port), /^web from /);
      assert.match(await fromHere(protocol, outside.hostAddress6, port), /^web from /);
      assert.equal(await outside.ask(protocol, outside.hostAddress, port), `web from ${outside.address}`);
      assert.match(await outside.ask(protocol, outside.hostAddress6, port), /^web from /);
      assert.match(await same.ask(protocol, outside.hostAddress, port), /^web from /);
      assert.match(await other.ask(protocol, outside.hostAddress, port), /^web from /);
      assert.match(await web.ask(protocol, outside.hostAddress, port), /^web from /, 'hairpin');
    }
  });

  for (const filtered of [true, false]) {
    test(`is reached ${filtered ? 'with' : 'without'} bridged traffic passing the firewall`, async () => {
      await using world = await startNetworks();
      await using outside = await startOutside();
      await using _setting = await bridgeFiltering(filtered);
      const web = await publish(world, 'web');
      const same = await world.open('same');
      const port = hostPort(web, '80/tcp');
      assert.match(await same.ask('tcp', outside.hostAddress, port), /^web from /);
      assert.match(await web.ask('tcp', outside.hostAddress, port), /^web from /);
      assert.equal(await same.ask('tcp', web.address(), 80), `web from ${same.address()}`);
    });
  }

  test('on one address of the host is not there on others', async () => {
    await using world = await startNetworks();
    await using outside = await startOutside();
    const web = await world.open('web', {
      portBindings: { '80/tcp': [{ HostIp: '127.0.0.1' }], '81/tcp': [{ HostIp: outside.hostAddress }] },
    });
    await Promise.all([web.serve('tcp', 80), web.serve('tcp', 81)]);
    const [local, shown] = [hostPort(web, '80/tcp'), hostPort(web, '81/tcp')];
    assert.match(await fromHere('tcp', '127.0.0.1', local), /^web from /);
    assert.equal(await outside.ask('tcp', outside.hostAddress, local), 'ECONNREFUSED');
    assert.equal(await outside.ask('tcp', outside.hostAddress, shown), `web from ${outside.address}`);
    assert.equal(await fromHere('tcp', '127.0.0.1', shown), 'ECONNREFUSED');
    // A neighbour that addresses the host's loopback on the wire.
    await outside.run('sh', '-c', 'ip address flush dev lo; echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet');
    await outside.run('ip', 'route', 'flush', 'table', 'local', '127.0.0.0/8').catch(() => '');
    await outside.run('ip', 'route', 'add', '127.0.0.1', 'via', outside.hostAddress);
    assert.equal(await outside.ask('tcp', '127.0.0.1', local), 'timeout');
  });

  test('is reached over IPv6 without the engine where the network has IPv6', async () => {
    await using world = await startNetworks();
    await using outside = await startOutside();
    await world.networks.create({ Name: 'six', EnableIPv6: true });
    const web = await publish(world, 'web', 'six');
    const port = hostPort(web, '80/tcp');
    assert.equal(await outside.ask('tcp', outside.hostAddress6, port), `web from ${outside.address6}`);
    assert.equal(
      await outside.ask('udp', outside.hostAddress6, hostPort(web, '80/udp')),
      `web from ${outside.address6}`,
    );
    assert.match(await fromHere('tcp', '::1', port), /^web from /);
  });

  test('stays when the engine ends, and is the next one’s again', async () => {
    await using world = await startNetworks();
    const web = await publish(world, 'web');
    const port = hostPort(web, '80/tcp');
    await world.networks[Symbol.asyncDispose]();
    assert.match(await fromHere('tcp', '127.0.0.1', port), /^web from /);
    await world.restart();
    assert.match(await fromHere('tcp', '127.0.0.1', port), /^web from /);
    assert.match(await fromHere('tcp', '::1', port), /^web from /);
    await assert.rejects(world.open('thief', { portBindings: { '80/tcp': [{ HostPort: String(port) }] } }));
    await world.networks.close(web.id);
    assert.equal(await fromHere('tcp', '127.0.0.1', port), 'ECONNREFUSED');
    assert.equal(await fromHere('tcp', '::1', port), 'ECONNREFUSED');
  });
});

describe('which port', () => {
  test('any: one of the kernel’s own range, the same for both families; inspect tells', async () => {
    await using world = await startNetworks();
    const bindings = { '80/tcp': [{}], '90/tcp': null };
    const web = await world.open('web', { portBindings: bindings, exposedPorts: ['80/tcp', '99/udp'] });
    const [first, second] = web.settings.Ports?.['80/tcp'] ?? [];
    assert.deepEqual([first?.HostIp, second?.HostIp], ['0.0.0.0', '::']);
    assert.equal(first?.HostPort, second?.HostPort);
    assert.ok(Number(first?.HostPort) >= 1024);
    assert.equal(web.settings.Ports?.['99/udp'], null);
    assert.equal(web.settings.Ports?.['90/tcp'], null);
    const all = await world.open('all', { exposedPorts: ['80/tcp', '99/udp'], publishAllPorts: true });
    assert.notEqual(hostPort(all, '80/tcp'), hostPort(web, '80/tcp'));
    assert.ok(hostPort(all, '99/udp') > 0);
  });

  test('a range: the first that is free', async () => {
    await using world = await startNetworks();
    await using taken = await listening('0.0.0.0');
    const range = `${taken.port}-${taken.port + 5}`;
    const web = await world.open('web', { portBindings: { '80/tcp': [{ HostPort: range, HostIp: '127.0.0.1' }] } });
    assert.ok(hostPort(web, '80/tcp') > taken.port && hostPort(web, '80/tcp') <= taken.port + 5);
  });

  test('one that another program has: Docker’s words, and nothing is left', async () => {
    await using world = await startNetworks();
    await using taken = await listening('0.0.0.0');
    const gateway = world.networks.inspect('bridge').IPAM?.Config?.[0]?.Gateway ?? '';
    const bindings = { '80/tcp': [{ HostPort: String(taken.port) }], '81/tcp': [{ HostPort: '' }] };
    const address = gateway.replace(/\.1$/, '.2');
    await assert.rejects(world.open('web', { portBindings: bindings }), (error: Error) => {
      const words = new RegExp(
        `^failed to set up container networking: driver failed programming external connectivity on endpoint web ` +
          `\\([0-9a-f]{64}\\): failed to bind host port for 0.0.0.0:${taken.port}:${address}:80/tcp: address already in use$`,
      );
      assert.match(error.message, words);
      return true;
    });
    assert.deepEqual(world.networks.inspect('bridge').Containers, {});
    const again = await world.open('web', { portBindings: { '80/tcp': [{}] } });
    assert.match(again.address(), /^\d/);
  });

  test('one that another container has, on any of its addresses', async () => {
    await using world = await startNetworks();
    const web = await world.open('web', { portBindings: { '80/tcp': [{}] } });
    const port = String(hostPort(web, '80/tcp'));
    for (const HostIp of ['', '0.0.0.0', '127.0.0.1']) {
      await assert.rejects(
        world.open('late', { portBindings: { '80/tcp': [{ HostPort: port, HostIp }] } }),
        new RegExp(`: Bind for ${HostIp || '0.0.0.0'}:${port} failed: port is already allocated$`),
      );
    }
    const udp = await world.open('udp', { portBindings: { '80/udp': [{ HostPort: port }] } });
    assert.equal(hostPort(udp, '80/udp'), Number(port), 'UDP is another port');
  });

  test('an address that the host does not have', async () => {
    await using world = await startNetworks();
    await assert.rejects(
      world.open('web', { portBindings: { '80/tcp': [{ HostPort: '8099', HostIp: '203.0.113.77' }] } }),
      /failed to bind host port for 203\.0\.113\.77:8099:[\d.]+:80\/tcp: cannot assign requested address$/,
    );
  });

  test('two containers that start at once do not get one port', async () => {
    await using world = await startNetworks();
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, i) => world.open(`c${i}`, { portBindings: { '80/tcp': [{}] } })),
    );
    assert.equal(new Set(all.map((one) => hostPort(one, '80/tcp'))).size, 6);
    assert.equal(new Set(all.map((one) => one.address())).size, 6);
  });

  test('a UDP port that another program has', async () => {
    await using world = await startNetworks();
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => void socket.bind(0, '0.0.0.0', resolve));
    try {
      const HostPort = String(socket.address().port);
      await assert.rejects(
        world.open('web', { portBindings: { '53/udp': [{ HostPort }] } }),
        /address already in use$/,
      );
    } finally {
      socket.close();
    }
  });
});
