/**
 * /networks and /volumes over HTTP, row by row. Every row was first run against dockerd 28.5: with the path of its socket
 * in REFERENCE_SOCKET the file runs there instead of against the engine.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, callSocket } from '../support/call-socket.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

interface Row {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly status: number;
  /** The error's message, or what must be in the body. */
  readonly message?: string | RegExp;
  readonly check?: (body: Record<string, unknown>) => void;
}

const reference = process.env['REFERENCE_SOCKET'];
let engine: TestEngine | undefined;
before(async () => {
  if (reference === undefined) engine = await startTestEngine({ mirror: false });
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
});

const call = (method: string, path: string, body?: object): Promise<Answer> =>
  callSocket(reference ?? engine?.socket ?? '', method, path, body);

async function run({ method, path, body, status, message, check }: Row): Promise<void> {
  const answer = await call(method, path, body);
  assert.equal(answer.status, status, answer.text);
  if (typeof message === 'string') assert.equal(answer.json<{ message: string }>().message, message);
  else if (message !== undefined) assert.match(answer.text, message);
  check?.(answer.json());
}

const rows = (title: string, list: readonly Row[]): void =>
  void test(title, async () => {
    for (const row of list) await run(row);
  });

const create = (status: number, body: object, message?: string | RegExp): Row => ({
  method: 'POST',
  path: '/v1.51/networks/create',
  body,
  status,
  ...(message === undefined ? {} : { message }),
});
const filters = (value: object): string => `filters=${encodeURIComponent(JSON.stringify(value))}`;
const subnet = (Subnet: string, more: object = {}): object => ({ IPAM: { Config: [{ Subnet, ...more }] } });

describe('networks', () => {
  rows('created, inspected, listed, removed', [
    create(201, { Name: 'api-1', Labels: { a: 'b' }, ...subnet('10.91.1.0/24') }, /"Id":"[0-9a-f]{64}","Warning":""/),
    {
      method: 'GET',
      path: '/networks/api-1',
      status: 200,
      check({ Name: name, Driver: driver, Scope: scope, IPAM: ipam, Containers: containers, Labels: labels, ...rest }) {
        assert.deepEqual([name, driver, scope], ['api-1', 'bridge', 'local']);
        assert.deepEqual(ipam, { Driver: 'default', Options: null, Config: [{ Subnet: '10.91.1.0/24' }] });
        assert.deepEqual([containers, labels], [{}, { a: 'b' }]);
        assert.deepEqual(Object.keys(rest).toSorted(), [
          'Attachable',
          'ConfigFrom',
          'ConfigOnly',
          'Created',
          'EnableIPv4',
          'EnableIPv6',
          'Id',
          'Ingress',
          'Internal',
          'Options',
        ]);
      },
    },
    { method: 'GET', path: `/v1.24/networks?${filters({ name: { 'api-1': true } })}`, status: 200, message: /"api-1"/ },
    { method: 'GET', path: `/networks?${filters({ driver: ['nothing'] })}`, status: 200, message: /^\[\]/ },
    { method: 'GET', path: '/networks/api-1?scope=swarm', status: 404, message: 'network api-1 not found' },
    { method: 'GET', path: '/networks/api-1?verbose=true', status: 200 },
    { method: 'DELETE', path: '/networks/api-1', status: 204 },
    { method: 'GET', path: '/networks/api-1', status: 404, message: 'network api-1 not found' },
  ]);

  rows('what cannot be created', [
    create(400, {}, 'invalid name: name is empty'),
    create(403, { Name: 'host' }, 'operation is not permitted on predefined host network '),
    create(403, { Name: 'x', Driver: 'null' }, 'only one instance of "null" network is allowed'),
    create(404, { Name: 'x', Driver: 'nodriver' }, 'plugin "nodriver" not found'),
    create(404, { Name: 'x', IPAM: { Driver: 'foo' } }, 'plugin "foo" not found'),
    create(
      400,
      { Name: 'x', ...subnet('10.7.0.5/24') },
      /invalid subnet 10\.7\.0\.5\/24: it should be 10\.7\.0\.0\/24/,
    ),
    create(400, { Name: 'x', IPAM: { Config: [{ Gateway: '10.8.0.1' }] } }, /invalid subnet : invalid CIDR block/),
    create(403, { Name: 'x', Scope: 'swarm' }, 'cannot create a swarm scoped network when swarm is not active'),
    create(400, { Name: 'x', EnableIPv4: false }, 'IPv4 or IPv6 must be enabled'),
    create(400, { Name: 5 }, /invalid JSON: /),
    create(400, { Name: 'x', Labels: ['a'] }, /invalid JSON: /),
    create(
      404,
      { Name: 'x', ConfigFrom: { Network: 'none-such' } },
      'configuration network "none-such" does not exist',
    ),
    create(201, { Name: 'api-2', ...subnet('10.91.2.0/24') }),
    create(409, { Name: 'api-2' }, 'network with name api-2 already exists'),
    create(
      403,
      { Name: 'api-3', ...subnet('10.91.0.0/16') },
      'invalid pool request: Pool overlaps with other one on this address space',
    ),
    { method: 'DELETE', path: '/networks/api-2', status: 204 },
  ]);

  rows('what cannot be asked', [
    { method: 'GET', path: `/networks?${filters({ foo: ['x'] })}`, status: 400, message: "invalid filter 'foo'" },
    { method: 'GET', path: `/networks?${filters({ dangling: ['foo'] })}`, status: 400, message: /must be \\"true\\"/ },
    {
      method: 'POST',
      path: `/networks/prune?${filters({ foo: ['x'] })}`,
      status: 400,
      message: "invalid filter 'foo'",
    },
    {
      method: 'POST',
      path: `/networks/prune?${filters({ until: ['xx'] })}`,
      status: 400,
      message: 'failed to parse value as time or duration: "xx"',
    },
    {
      method: 'DELETE',
      path: '/networks/bridge',
      status: 403,
      message: 'bridge is a pre-defined network and cannot be removed',
    },
    { method: 'DELETE', path: '/networks/none-such', status: 404, message: 'network none-such not found' },
    {
      method: 'POST',
      path: '/networks/bridge/connect',
      body: { Container: 'none-such' },
      status: 404,
      message: 'No such container: none-such',
    },
    {
      method: 'POST',
      path: '/networks/bridge/connect',
      body: {},
      status: 400,
      message: 'invalid name or ID supplied: ""',
    },
    {
      method: 'POST',
      path: '/networks/none-such/connect',
      body: { Container: 'none-such' },
      status: 404,
      message: 'No such container: none-such',
    },
    {
      method: 'POST',
      path: '/networks/bridge/disconnect',
      body: { Container: 'none-such' },
      status: 404,
      message: 'No such container: none-such',
    },
  ]);

  rows('pruned', [
    create(201, { Name: 'api-4', Labels: { 'api-test': '1' }, ...subnet('10.91.4.0/24') }),
    create(201, { Name: 'api-5', ...subnet('10.91.5.0/24') }),
    {
      method: 'POST',
      path: `/networks/prune?${filters({ label: ['api-test'] })}`,
      status: 200,
      check: (body) => assert.deepEqual(body, { NetworksDeleted: ['api-4'] }),
    },
    {
      method: 'POST',
      path: `/networks/prune?${filters({ label: ['api-test'] })}`,
      status: 200,
      check: (body) => assert.deepEqual(body, { NetworksDeleted: null }),
    },
    { method: 'DELETE', path: '/networks/api-5', status: 204 },
  ]);

  test('the predefined ones', async () => {
    const networks = (await call('GET', `/networks?${filters({ type: ['builtin'] })}`)).json<{ Name: string }[]>();
    assert.deepEqual(networks.map(({ Name }) => Name).toSorted(), ['bridge', 'host', 'none']);
    for (const [name, driver] of [
      ['bridge', 'bridge'],
      ['host', 'host'],
      ['none', 'null'],
    ] as const) {
      const found = (await call('GET', `/networks/${name}`)).json<{
        Driver: string;
        Options: Record<string, string>;
      }>();
      assert.equal(found.Driver, driver);
      const options = Object.keys(found.Options).toSorted();
      assert.equal(options.includes('com.docker.network.bridge.default_bridge'), name === 'bridge');
    }
  });

  test('a prefix of an id will do', async () => {
    const { Id: id } = (await call('GET', '/networks/bridge')).json<{ Id: string }>();
    const found = (await call('GET', `/networks/${id.slice(0, 10)}`)).json<{ Name: string }>();
    assert.equal(found.Name, 'bridge');
  });
});

const volume = (status: number, body: object, message?: string | RegExp): Row => ({
  method: 'POST',
  path: '/v1.51/volumes/create',
  body,
  status,
  ...(message === undefined ? {} : { message }),
});

describe('volumes', () => {
  rows('created, inspected, listed, removed', [
    volume(201, { Name: 'api-v1', Labels: { a: 'b' } }, /"Name":"api-v1"/),
    volume(201, { Name: 'api-v1', Labels: { a: 'c' } }, /"Labels":\{"a":"b"\}/),
    {
      method: 'GET',
      path: '/volumes/api-v1',
      status: 200,
      check({ CreatedAt: at, Mountpoint: mountpoint, ...rest }) {
        assert.match(String(at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        assert.match(String(mountpoint), /\/volumes\/api-v1\/_data$/);
        assert.deepEqual(rest, { Driver: 'local', Labels: { a: 'b' }, Name: 'api-v1', Options: null, Scope: 'local' });
      },
    },
    {
      method: 'GET',
      path: `/volumes?${filters({ label: ['a=b'], name: ['api-v'] })}`,
      status: 200,
      message: /^\{"Volumes":\[\{.*"api-v1".*\}\],"Warnings":null\}/,
    },
    {
      method: 'GET',
      path: `/volumes?${filters({ driver: ['nothing'] })}`,
      status: 200,
      check: (body) => assert.deepEqual(body, { Volumes: [], Warnings: null }),
    },
    { method: 'DELETE', path: '/volumes/api-v1', status: 204 },
    { method: 'DELETE', path: '/volumes/api-v1', status: 404, message: 'get api-v1: no such volume' },
    { method: 'DELETE', path: '/volumes/api-v1?force=1', status: 204 },
  ]);

  rows('what cannot be', [
    volume(400, { Name: 'v' }, /volume name is too short/),
    volume(400, { Name: '../v' }, /includes invalid characters for a local volume name/),
    volume(404, { Name: 'vv', Driver: 'foo' }, 'create vv: error looking up volume plugin foo: plugin "foo" not found'),
    volume(400, { Name: 'vv', DriverOpts: { foo: 'x' } }, 'create vv: invalid option: "foo"'),
    volume(400, { Name: 5 }, /invalid JSON: /),
    { method: 'GET', path: `/volumes?${filters({ foo: ['x'] })}`, status: 400, message: "invalid filter 'foo'" },
    {
      method: 'GET',
      path: `/volumes?${filters({ dangling: ['x'] })}`,
      status: 400,
      message: "invalid filter 'dangling=[x]'",
    },
    {
      method: 'POST',
      path: `/volumes/prune?${filters({ until: ['1h'] })}`,
      status: 400,
      message: "invalid filter 'until'",
    },
    { method: 'PUT', path: '/volumes/none-such', body: {}, status: 503 },
  ]);

  rows('pruned: anonymous ones, with all the named ones too', [
    volume(201, { Name: 'api-v2', Labels: { 'api-test': '1' } }),
    volume(201, { Labels: { 'api-test': '1' } }, /"com\.docker\.volume\.anonymous":""/),
    {
      method: 'POST',
      path: `/volumes/prune?${filters({ label: ['api-test'] })}`,
      status: 200,
      check: ({ VolumesDeleted: deleted }) => assert.match(String(deleted), /^[0-9a-f]{64}$/),
    },
    {
      method: 'POST',
      path: `/volumes/prune?${filters({ label: ['api-test'], all: ['true'] })}`,
      status: 200,
      check: (body) => assert.deepEqual(body, { VolumesDeleted: ['api-v2'], SpaceReclaimed: 0 }),
    },
  ]);
});
