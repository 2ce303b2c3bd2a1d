/** Networks while containers run: connecting, disconnecting, removing, restarting the engine, and other firewalls. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { findProgram } from '../../runtime-agent/src/host/tools.ts';
import { ask, type Inhabitant, output, runProgram, startNetworks } from '../support/networks.ts';
import { startOutside } from '../support/outside.ts';

const defaultRoute = async (one: Inhabitant): Promise<string> =>
  (await one.run('ip', 'route', 'show', 'default')).trim();

describe('connect and disconnect', () => {
  test('a running container gets an interface, a name and a line in its hosts file, and loses them again', async () => {
    await using world = await startNetworks();
    const a = await world.open('a');
    await world.networks.create({
      Name: 'net',
      IPAM: { Config: [{ Subnet: '10.77.3.0/24', IPRange: '10.77.3.128/25' }] },
    });
    const b = await world.open('b', { mode: 'net' });
    await a.serve('tcp', 80);
    const wishes = { Aliases: ['web'], IPAMConfig: { IPv4Address: '10.77.3.9' }, MacAddress: '02:00:00:00:00:09' };
    const settings = await world.networks.connect('net', a.id, wishes);
    assert.equal(settings.Networks?.['net']?.IPAddress, '10.77.3.9');
    assert.equal(settings.Networks?.['net']?.MacAddress, '02:00:00:00:00:09');
    assert.deepEqual(settings.Networks?.['net']?.DNSNames, ['a', 'web', a.id.slice(0, 12)]);
    assert.equal(b.address(), '10.77.3.129', 'the gateway takes the first of the range');
    assert.match(await a.run('ip', '-o', 'address', 'show', 'eth1'), /inet 10\.77\.3\.9\/24/);
    assert.equal(await b.ask('tcp', '10.77.3.9', 80), 'a from 10.77.3.129');
    const files = await world.networks.files(a.id);
    assert.match(files?.hosts ?? '', /^10\.77\.3\.9\ta$/m);
    assert.match(files?.resolvConf ?? '', /^nameserver 127\.0\.0\.11$/m);
    const after = await world.networks.disconnect('net', a.id);
    assert.deepEqual(Object.keys(after.Networks ?? {}), ['bridge']);
    assert.doesNotMatch(await a.run('ip', 'link'), /eth1/);
    assert.doesNotMatch((await world.networks.files(a.id))?.hosts ?? '', /10\.77/);
    const c = await world.open('c', { mode: 'net', endpoints: { net: { IPAMConfig: { IPv4Address: '10.77.3.9' } } } });
    assert.equal(c.address(), '10.77.3.9', 'the address is free again');
    const actions = world.events.filter(({ Action: action }) => /connect/.test(action)).map(describeEvent);
    assert.deepEqual(actions, [
      'connect bridge a',
      'connect net b',
      'connect net a',
      'disconnect net a',
      'connect net c',
    ]);
    function describeEvent({
      Action: action,
      Actor: { Attributes: attributes },
    }: (typeof world.events)[number]): string {
      const who = [a, b, c].find(({ id }) => id === attributes['container']);
      return `${action} ${attributes['name']} ${who?.name}`;
    }
  });

  test('the default route is the highest priority’s, then the first by name; published ports follow it', async () => {
    await using world = await startNetworks();
    await world.networks.create({ Name: 'zeta' });
    await world.networks.create({ Name: 'alpha' });
    await world.networks.create({ Name: 'inner', Internal: true });
    const endpoints = { zeta: {}, inner: { GwPriority: 100 } };
    const a = await world.open('a', { mode: 'zeta', endpoints, portBindings: { '80/tcp': [{}] } });
    await a.serve('tcp', 80);
    const port = Number(a.settings.Ports?.['80/tcp']?.[0]?.HostPort);
    const here = (): Promise<string> => ask(undefined, 'tcp', '127.0.0.1', port);
    assert.match(await defaultRoute(a), /dev eth0/, 'an internal network is no way out');
    assert.match(await here(), /^a from /);
    await world.networks.connect('alpha', a.id, {});
    assert.match(await defaultRoute(a), /dev eth2/);
    assert.match(await here(), /^a from /);
    await world.networks.disconnect('alpha', a.id);
    assert.match(await defaultRoute(a), /dev eth0/);
    assert.match(await here(), /^a from /);
    await world.networks.connect('alpha', a.id, { GwPriority: -1 });
    assert.match(await defaultRoute(a), /dev eth0/);
    await world.networks.disconnect('alpha', a.id);
    const { Ports: none } = await world.networks.disconnect('zeta', a.id);
    assert.deepEqual(none, {});
    assert.equal(await here(), 'ECONNREFUSED', 'no way out, no published port');
    const { Ports: again } = await world.networks.connect('alpha', a.id, {});
    assert.match(await ask(undefined, 'tcp', '127.0.0.1', Number(again?.['80/tcp']?.[0]?.HostPort)), /^a from /);
  });

  test('several networks from the start, with names for interfaces', async () => {
    await using world = await startNetworks();
    for (const name of ['one', 'two']) await world.networks.create({ Name: name, EnableIPv6: name === 'two' });
    const ifname = { DriverOpts: { 'com.docker.network.endpoint.ifname': 'lan0' } };
    const a = await world.open('a', { mode: 'two', endpoints: { one: {}, two: ifname, bridge: {} } });
    const links = JSON.parse(await a.run('ip', '-j', 'address')) as {
      ifname: string;
      addr_info: { local: string }[];
    }[];
    const addresses = Object.fromEntries(links.map((link) => [link.ifname, link.addr_info.map(({ local }) => local)]));
    assert.deepEqual(Object.keys(addresses).toSorted(), ['eth0', 'eth1', 'lan0', 'lo']);
    assert.ok(addresses['lan0']?.includes(a.address('two')));
    assert.ok(addresses['lan0']?.includes(a.settings.Networks?.['two']?.GlobalIPv6Address ?? '-'));
    assert.deepEqual(addresses['eth1'], [a.address('one')], 'no IPv6 where the network has none');
  });

  test('refusals are in Docker’s words and change nothing', async () => {
    await using world = await startNetworks();
    const { networks } = world;
    await networks.create({ Name: 'net', IPAM: { Config: [{ Subnet: '10.77.4.0/24' }] } });
    const [a, host] = [await world.open('a'), await world.open('host', { mode: 'host' })];
    const busy = await world.open('busy', { mode: 'net' });
    const rows: [Promise<unknown>, RegExp][] = [
      [networks.connect('bridge', a.id, {}), /^endpoint with name a already exists in network bridge$/],
      [networks.connect('host', a.id, {}), /^cannot connect container to host network - container must be created/],
      [networks.connect('none', a.id, {}), /^container cannot be connected to multiple networks with one of the/],
      [networks.connect('net', host.id, {}), /^container sharing network namespace with another container or host/],
      [networks.connect('net', a.id, { IPAMConfig: { IPv4Address: busy.address() } }), /^Address already in use$/],
      [networks.connect('net', a.id, { IPAMConfig: { IPv4Address: '10.9.9.9' } }), /no configured subnet or ip-range/],
      [networks.connect('nowhere', a.id, {}), /^network nowhere not found$/],
      [networks.disconnect('net', a.id), /^container [0-9a-f]{64} is not connected to network net$/],
      [networks.remove('net'), /^error while removing network: network net has active endpoints \(name:"busy" id:"/],
      [networks.remove('bridge'), /^bridge is a pre-defined network and cannot be removed$/],
    ];
    for (const [attempt, words] of rows) await assert.rejects(attempt, (error: Error) => words.test(error.message));
    assert.equal((await a.run('ip', '-o', 'link')).trim().split('\n').length, 2);
  });
});

describe('the engine ends and starts again', () => {
  test('running containers keep addresses, names and networks; those that ended are swept away', async () => {
    await using world = await startNetworks();
    await world.networks.create({ Name: 'net' });
    const [a, b] = [await world.open('a', { mode: 'net' }), await world.open('b', { mode: 'net' })];
    await b.serve('tcp', 80);
    await world.restart();
    assert.equal(await a.ask('tcp', b.address(), 80), `b from ${a.address()}`);
    const script = "require('dns').resolve('b', (e, r) => console.log(e ? e.code : r.join()))";
    const lookup = `require('dns').setServers(['127.0.0.11']); ${script}`;
    assert.equal((await a.run(process.execPath, '-e', lookup)).trim(), b.address());
    const c = await world.open('c', { mode: 'net' });
    assert.notEqual(c.address(), b.address());
    assert.equal(Object.keys(world.networks.inspect('net').Containers ?? {}).length, 3);
  });

  test('what a killed engine left of dead containers goes, what is not ours stays', async () => {
    await using world = await startNetworks();
    const dead = await world.open('dead', { portBindings: { '80/tcp': [{}] } });
    const port = dead.settings.Ports?.['80/tcp']?.[0]?.HostPort ?? '';
    await output('nft', 'add', 'table', 'inet', 'somebody_else');
    try {
      // A second instance that knows of no running container, as after the power went.
      const { networks } = world;
      await networks.restore([]);
      assert.equal((await runProgram('test', '-e', dead.netnsPath ?? '')).code, 1);
      assert.doesNotMatch(await output('nft', 'list', 'table', 'inet', world.table), new RegExp(`tcp . ${port} `));
      assert.match(await output('nft', 'list', 'tables'), /somebody_else/);
    } finally {
      await output('nft', 'delete', 'table', 'inet', 'somebody_else');
    }
  });
});

describe('networks come and go', () => {
  test('a removed network leaves nothing; its subnet is given again', async () => {
    await using world = await startNetworks();
    const { Id: id } = await world.networks.create({ Name: 'net', EnableIPv6: true });
    const subnet = world.networks.inspect('net').IPAM?.Config?.[0]?.Subnet;
    assert.match(await output('ip', 'link'), new RegExp(`br-${id.slice(0, 12)}`));
    await world.networks.remove('net');
    assert.doesNotMatch(await output('ip', 'link'), new RegExp(`br-${id.slice(0, 12)}`));
    assert.doesNotMatch(await output('nft', 'list', 'table', 'inet', world.table), new RegExp(`br-${id.slice(0, 12)}`));
    // Engines of other tests come and go and take subnets too: one of a few in a row is given twice.
    const given = new Set([subnet]);
    let repeated = false;
    for (let i = 0; i < 8 && !repeated; i++) {
      await world.networks.create({ Name: 'next' });
      const next = world.networks.inspect('next').IPAM?.Config?.[0]?.Subnet;
      repeated = given.has(next);
      given.add(next);
      await world.networks.remove('next');
    }
    assert.ok(repeated, `always another: ${[...given].join(' ')}`);
  });

  test('two engines that start at once choose different subnets', async () => {
    const worlds = await Promise.all([startNetworks(), startNetworks(), startNetworks()]);
    try {
      const subnets = worlds.map(({ networks }) => networks.inspect('bridge').IPAM?.Config?.[0]?.Subnet);
      assert.equal(new Set(subnets).size, 3, subnets.join());
    } finally {
      for (const world of worlds) await world[Symbol.asyncDispose]();
    }
  });

  test('a bridge that somebody else made is not taken', async () => {
    await using world = await startNetworks();
    const name = `so${process.pid % 100_000}`;
    await output('ip', 'link', 'add', name, 'type', 'bridge');
    try {
      const request = { Name: 'net', Options: { 'com.docker.network.bridge.name': name } };
      await assert.rejects(world.networks.create(request), /exists already and is not the engine's/);
      assert.deepEqual(
        world.networks.list().filter(({ Name }) => Name === 'net'),
        [],
      );
      assert.match(await output('ip', 'link'), new RegExp(name), 'and it is still there');
    } finally {
      await output('ip', 'link', 'delete', name);
    }
  });
});

test('a host whose own firewall drops what it forwards lets containers pass, until the network goes', async (t) => {
  if (findProgram('iptables') === undefined) return t.skip('needs iptables');
  // In a network namespace of its own: the rules are not this machine's.
  const file = path.join(tmpdir(), `slipway-firewall-${process.pid}.mjs`);
  const support = path.resolve(import.meta.dirname, '../support');
  await writeFile(
    file,
    `import { startNetworks, output } from '${support}/networks.ts';
     import { startOutside } from '${support}/outside.ts';
     await output('ip', 'link', 'set', 'lo', 'up');
     for (const rule of ['-P FORWARD DROP', '-P INPUT DROP', '-A INPUT -i lo -j ACCEPT', '-A FORWARD -p icmp -j ACCEPT'])
       await output('iptables', ...rule.split(' '));
     const before = await output('iptables', '-S');
     {
       await using world = await startNetworks();
       await using outside = await startOutside();
       await outside.serve('tcp', 7);
       await world.networks.create({ Name: 'net' });
       const [a, b] = [await world.open('a', { portBindings: { '80/tcp': [{}] } }), await world.open('b', { mode: 'net' })];
       await a.serve('tcp', 80);
       console.log('out', await a.ask('tcp', outside.address, 7), await b.ask('tcp', outside.address, 7));
       console.log('in', await outside.ask('tcp', outside.hostAddress, Number(a.settings.Ports['80/tcp'][0].HostPort)));
       const lookup = "require('dns').setServers(['127.0.0.11']);require('dns').resolve('b', (e, r) => console.log(e ? e.code : r.join()))";
       console.log('name', (await b.run(process.execPath, '-e', lookup)).trim() === b.address());
       await world.networks.close(b.id);
       await world.networks.remove('net');
       console.log('rules', (await output('iptables', '-S')).split('\\n').filter((line) => line.includes(':br-')).length);
     }
     console.log('clean', (await output('iptables', '-S')) === before);`,
  );
  try {
    const script = `mount -t sysfs sysfs /sys && exec ${process.execPath} ${file}`;
    const text = await output('unshare', '--net', '--mount', 'sh', '-c', script);
    const [out, into, name, rules, clean] = text.trim().split('\n');
    assert.match(out ?? '', /^out outside from 198\.18\.\S+ outside from 198\.18\.\S+$/);
    assert.match(into ?? '', /^in a from 198\.18\./);
    assert.deepEqual([name, rules, clean], ['name true', 'rules 0', 'clean true']);
  } finally {
    await rm(file, { force: true });
  }
});

test('forwarding is switched on, and the host keeps its IPv6 route', async () => {
  await using world = await startNetworks();
  await using outside = await startOutside();
  assert.equal((await output('cat', '/proc/sys/net/ipv4/ip_forward')).trim(), '1');
  await world.networks.create({ Name: 'six', EnableIPv6: true });
  assert.equal((await output('cat', '/proc/sys/net/ipv6/conf/all/forwarding')).trim(), '1');
  await outside.serve('tcp', 7);
  const a = await world.open('a', { mode: 'six' });
  assert.equal(await a.ask('tcp', outside.address6, 7), `outside from ${outside.hostAddress6}`);
});
