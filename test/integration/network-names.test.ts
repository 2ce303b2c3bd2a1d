/** Names on user-defined networks: the engine's resolver as containers see it, through 127.0.0.11. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { type Answer, decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import { bridgeFiltering, type Inhabitant, startNetworks } from '../support/networks.ts';

/** `node -e LOOKUP type name [server]`: the answers as JSON, or the error's code. */
const LOOKUP = `
const [type, name, server = '127.0.0.11'] = process.argv.slice(1);
const resolver = new (require('node:dns').promises.Resolver)({ timeout: 1500, tries: 2 });
resolver.setServers([server]);
const ask = type === 'PTR' ? resolver.reverse(name) : resolver.resolve(name, type);
ask.then((found) => console.log(JSON.stringify(found)), (error) => console.log(JSON.stringify(error.code)));`;

async function lookUp(from: Inhabitant, type: string, name: string, server?: string): Promise<unknown> {
  const more = server === undefined ? [] : [server];
  return JSON.parse(await from.run(process.execPath, '-e', LOOKUP, type, name, ...more));
}

test('names, aliases, short ids, host names, in any case, with and without the network’s name', async () => {
  await using world = await startNetworks();
  await world.networks.create({ Name: 'net' });
  const web = await world.open('web', { mode: 'net', hostname: 'webhost', endpoints: { net: { Aliases: ['api'] } } });
  const asking = await world.open('asking', { mode: 'net' });
  assert.match(asking.resolvConf, /^nameserver 127\.0\.0\.11$/m);
  assert.match(asking.resolvConf, /ndots:0/);
  for (const name of ['web', 'WEB', 'api', 'webhost', web.id.slice(0, 12), 'web.net', 'api.net']) {
    assert.deepEqual(await lookUp(asking, 'A', name), [web.address()], name);
  }
  assert.equal(await lookUp(asking, 'AAAA', 'web'), 'ENODATA');
  assert.equal(await lookUp(asking, 'MX', 'web'), 'ENODATA');
  assert.deepEqual(await lookUp(asking, 'PTR', web.address()), ['web.net']);
  assert.deepEqual(await lookUp(web, 'A', 'web'), [web.address()], 'its own name');
});

test('several containers under one alias take turns; a name goes with its container', async () => {
  await using world = await startNetworks();
  await world.networks.create({ Name: 'net' });
  const wishes = { mode: 'net', hostname: 'unused', endpoints: { net: { Aliases: ['service'] } } };
  const [one, two] = [await world.open('one', wishes), await world.open('two', wishes)];
  const asking = await world.open('asking', { mode: 'net' });
  const first = (await lookUp(asking, 'A', 'service')) as string[];
  assert.deepEqual(first.toSorted(), [one.address(), two.address()].toSorted());
  const second = (await lookUp(asking, 'A', 'service')) as string[];
  assert.deepEqual(second, first.toReversed());
  await world.networks.close(two.id);
  assert.deepEqual(await lookUp(asking, 'A', 'service'), [one.address()]);
  world.networks.rename(one.id, 'renamed');
  assert.deepEqual(await lookUp(asking, 'A', 'renamed'), [one.address()]);
  assert.notDeepEqual(await lookUp(asking, 'A', 'one'), [one.address()]);
});

test('names stop at the network’s border, but a container of both knows both', async () => {
  await using world = await startNetworks();
  await using upstream = await startNameserver();
  await world.networks.create({ Name: 'left' });
  await world.networks.create({ Name: 'right' });
  const dns = [upstream.server];
  const left = await world.open('lefty', { mode: 'left', dns });
  const right = await world.open('righty', { mode: 'right', dns });
  const both = await world.open('both', { mode: 'left', endpoints: { left: {}, right: {} }, dns });
  assert.equal(await lookUp(left, 'A', 'righty'), 'ENOTFOUND');
  assert.deepEqual(await lookUp(both, 'A', 'lefty'), [left.address()]);
  assert.deepEqual(await lookUp(both, 'A', 'righty'), [right.address()]);
  assert.deepEqual(await lookUp(right, 'A', 'both'), [both.address('right')]);
});

test('a link gives a name that only the linking container knows', async () => {
  await using world = await startNetworks();
  await using upstream = await startNameserver();
  await world.networks.create({ Name: 'net' });
  const db = await world.open('db', { mode: 'net' });
  const dns = [upstream.server];
  const linked = await world.open('linked', { mode: 'net', dns, endpoints: { net: { Links: ['db:database'] } } });
  const other = await world.open('other', { mode: 'net', dns });
  assert.deepEqual(await lookUp(linked, 'A', 'database'), [db.address()]);
  assert.equal(await lookUp(other, 'A', 'database'), 'ENOTFOUND');
});

test('other names come from the container’s nameservers, over TCP where an answer is long', async () => {
  await using world = await startNetworks();
  await using upstream = await startNameserver();
  await world.networks.create({ Name: 'net' });
  const a = await world.open('a', { mode: 'net', dns: ['203.0.113.1#1', upstream.server] });
  assert.deepEqual(await lookUp(a, 'A', 'example.test'), ['192.0.2.77'], 'the second, as the first is not there');
  assert.equal(((await lookUp(a, 'A', 'long.test')) as string[]).length, 100);
  // Whoever waits long asks again: what was asked counts, not how often.
  assert.deepEqual([...new Set(upstream.asked)], ['udp example.test', 'udp long.test', 'tcp long.test']);
  const shut = await world.open('shut', { mode: 'net', dns: ['127.0.0.1#1'] });
  assert.equal(await lookUp(shut, 'A', 'example.test'), 'ESERVFAIL');
});

test('on an internal network nobody asks the world', async () => {
  await using world = await startNetworks();
  await using upstream = await startNameserver();
  await world.networks.create({ Name: 'inner', Internal: true });
  const [a, b] = [
    await world.open('a', { mode: 'inner', dns: [upstream.server] }),
    await world.open('b', { mode: 'inner' }),
  ];
  assert.deepEqual(await lookUp(a, 'A', 'b'), [b.address()]);
  assert.equal(await lookUp(a, 'A', 'example.test'), 'ESERVFAIL');
  assert.deepEqual(upstream.asked, []);
});

test('IPv6: addresses of both families, and a network that has only IPv6', async () => {
  await using world = await startNetworks();
  await world.networks.create({ Name: 'both', EnableIPv6: true });
  const web = await world.open('web', { mode: 'both' });
  const asking = await world.open('asking', { mode: 'both' });
  const address6 = web.settings.Networks?.['both']?.GlobalIPv6Address ?? '';
  assert.deepEqual(await lookUp(asking, 'AAAA', 'web'), [address6]);
  assert.deepEqual(await lookUp(asking, 'PTR', address6), ['web.both']);
  await web.serve('tcp', 80);
  assert.match(await asking.ask('tcp', address6, 80), /^web from fd/);
  await world.networks.create({ Name: 'six', EnableIPv4: false, EnableIPv6: true });
  const [x, y] = [await world.open('x', { mode: 'six' }), await world.open('y', { mode: 'six' })];
  const gateway = /^nameserver (fd[0-9a-f:]+)$/m.exec(y.resolvConf)?.[1] ?? '';
  assert.deepEqual(await lookUp(y, 'AAAA', 'x', gateway), [x.settings.Networks?.['six']?.GlobalIPv6Address]);
  assert.equal(x.settings.Networks?.['six']?.IPAddress, '');
});

test('the default network has no names, but the nameservers of the host', async () => {
  await using world = await startNetworks();
  const a = await world.open('a', { dns: ['192.0.2.53'], dnsSearch: ['corp.example'], dnsOptions: ['ndots:2'] });
  assert.match(a.resolvConf, /^nameserver 192\.0\.2\.53\nsearch corp\.example\noptions ndots:2\n$/m);
  assert.match(a.hosts, new RegExp(`^${a.address()}\ta$`, 'm'));
});

test('the container’s loopback stays its own, though the resolver’s answers come through it', async () => {
  await using world = await startNetworks();
  // Else the host's rules would already drop such a frame on the bridge.
  await using _unfiltered = await bridgeFiltering(false);
  await world.networks.create({ Name: 'net' });
  const [a, b] = [await world.open('a', { mode: 'net' }), await world.open('b', { mode: 'net' })];
  await a.serve('tcp', 80);
  await b.run('sh', '-c', 'ip address flush dev lo');
  await b.run('ip', 'route', 'flush', 'table', 'local', '127.0.0.0/8').catch(() => '');
  await b.run('ip', 'route', 'add', '127.0.0.1', 'via', a.address());
  assert.equal(await b.ask('tcp', '127.0.0.1', 80), 'timeout');
});

test('the resolver answers nobody else', async () => {
  await using world = await startNetworks();
  await world.networks.create({ Name: 'net' });
  await world.networks.create({ Name: 'other' });
  const a = await world.open('a', { mode: 'net' });
  const stranger = await world.open('stranger', { mode: 'other' });
  const rules = await a.run('nft', 'list', 'ruleset');
  const target = /dnat to ([\d.]+:\d+)/.exec(rules)?.[1] ?? '';
  assert.deepEqual(await lookUp(a, 'A', 'a', target), [a.address()]);
  assert.equal(await lookUp(stranger, 'A', 'a', target), 'ETIMEOUT');
});

interface Nameserver extends AsyncDisposable {
  /** `address#port`. */
  readonly server: string;
  readonly asked: readonly string[];
}

/** Knows example.test, and long.test whose answer does not fit a datagram; nothing else exists. */
async function startNameserver(): Promise<Nameserver> {
  const asked: string[] = [];
  const reply = (message: Buffer, transport: 'udp' | 'tcp'): Buffer => {
    const { id = 0, questions = [] } = decode(message);
    const name = questions[0]?.name ?? '';
    asked.push(`${transport} ${name}`);
    const record = (data: string): Answer => ({ name, type: 'A', class: 'IN', ttl: 1, data });
    const all = Array.from({ length: 100 }, (_, i) => record(`192.0.2.${i}`));
    const answers = name === 'example.test' ? [record('192.0.2.77')] : name === 'long.test' ? all : [];
    const tooLong = transport === 'udp' && answers.length > 1;
    const flags = (tooLong ? TRUNCATED_RESPONSE : 0) | (answers.length === 0 ? 3 : 0);
    return encode({ type: 'response', id, questions, flags, answers: tooLong ? [] : answers });
  };
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      const answer = reply(chunk.subarray(2), 'tcp');
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.end(Buffer.concat([length, answer]));
    });
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const address = tcp.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => udp.send(reply(message, 'udp'), from.port, from.address));
  await new Promise<void>((resolve) => void udp.bind(port, '127.0.0.1', resolve));
  return {
    server: `127.0.0.1#${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => void udp.close(() => resolve()));
      await new Promise<void>((resolve) => void tcp.close(() => resolve()));
    },
  };
}
