/** Requests that no client would send: the engine answers each, goes on, and leaves nothing on the host. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { callSocket } from '../support/call-socket.ts';
import { ask, IMAGE, pullImage, run, start } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { watchHoldings } from '../support/holdings.ts';

const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    'x',
    '/',
    '../..',
    'a:b:c',
    'container:x',
    0,
    -1,
    1e308,
    true,
    [],
    {},
    [null],
    'ÿ\0',
  ),
  fc.string(),
  fc.integer(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
);
const FIELDS =
  'Cmd Entrypoint Env User WorkingDir Tty Volumes ExposedPorts Healthcheck Labels StopSignal StopTimeout Hostname Shell'.split(
    ' ',
  );
const HOST_FIELDS =
  'Binds Memory NanoCpus NetworkMode PortBindings RestartPolicy Mounts CapAdd Dns ExtraHosts GroupAdd IpcMode PidMode SecurityOpt Tmpfs Ulimits Sysctls Devices Links LogConfig ShmSize VolumesFrom Init ReadonlyRootfs MaskedPaths CgroupParent BlkioWeight PidsLimit'.split(
    ' ',
  );
/** What makes sense, or nearly: such containers start, or fail when half of them is made. */
const SENSIBLE = fc.constantFrom<Readonly<Record<string, unknown>>>(
  { Cmd: ['sleep', '60'] },
  { Cmd: ['sleep', '60'] },
  { Cmd: ['absent'] },
  { Cmd: ['sh', '-c', 'sleep 60 & exec sleep 61'] },
  { User: 'nobody' },
  { User: 'absent' },
  { WorkingDir: '/new/folder' },
  { WorkingDir: '/bin/sh' },
  { Tty: true, OpenStdin: true },
  { Volumes: { '/v': {} } },
  { Healthcheck: { Test: ['CMD', 'true'], Interval: 1e9 } },
  { Healthcheck: { Test: ['CMD', 'sleep', '60'], Interval: 1e9 } },
);
const SENSIBLE_HOST = fc.constantFrom<Readonly<Record<string, unknown>>>(
  { NetworkMode: 'none' },
  { NetworkMode: 'host' },
  { NetworkMode: 'fuzzed' },
  { NetworkMode: 'fuzzed' },
  { NetworkMode: 'absent' },
  { NetworkMode: 'container:canary' },
  { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1' }], '80/udp': [{ HostIp: '127.0.0.1' }] } },
  { PortBindings: { '80/tcp': [{ HostIp: '203.0.113.1', HostPort: '8080' }] } },
  { Binds: ['/etc/default:/t:ro', 'named:/n'] },
  { Binds: ['/dev/null:/etc'] },
  { Mounts: [{ Type: 'tmpfs', Target: '/t' }] },
  { Mounts: [{ Type: 'volume', Target: '/bin/sh' }] },
  { Tmpfs: { '/t': 'size=1m' } },
  { Tmpfs: { '/t': 'absent=1' } },
  { RestartPolicy: { Name: 'always' } },
  { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
  { IpcMode: 'private', ShmSize: 1 << 20 },
  { IpcMode: 'container:canary', PidMode: 'container:canary' },
  { PidMode: 'host', UTSMode: 'host', CgroupnsMode: 'host' },
  { VolumesFrom: ['canary'] },
  { Links: ['canary:c'] },
  { Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }] },
  { Devices: [{ PathOnHost: '/dev/absent', PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }] },
  { Sysctls: { 'net.ipv4.ip_forward': '1' } },
  { Sysctls: { 'net.absent': '1' } },
  { LogConfig: { Type: 'local', Config: {} } },
  { LogConfig: { Type: 'syslog', Config: { 'syslog-address': 'tcp://127.0.0.1:1' } } },
  { Memory: 6 << 20 },
  { ReadonlyRootfs: true, Init: true },
  { AutoRemove: true },
  { Privileged: true },
  { Runtime: 'absent' },
);
const odd = {
  config: fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 3 }),
  host: fc.dictionary(fc.constantFrom(...HOST_FIELDS), value, { maxKeys: 3 }),
};
const merged = (parts: readonly object[]): object => Object.assign({}, ...parts);
const sensible = {
  config: fc.array(SENSIBLE, { maxLength: 3 }).map(merged),
  host: fc.array(SENSIBLE_HOST, { maxLength: 3 }).map(merged),
};
const body = fc
  .oneof({ weight: 3, arbitrary: fc.record(sensible) }, { weight: 1, arbitrary: fc.record(odd) })
  .map(({ config, host }) => ({ Image: IMAGE, Cmd: ['true'], ...config, HostConfig: host }));

/** Of a container: method, path and body. */
const VERBS = [
  ['POST', 'start'],
  ['POST', 'stop?t=0'],
  ['POST', 'kill'],
  ['POST', 'restart?t=0'],
  ['POST', 'pause'],
  ['POST', 'unpause'],
  ['GET', 'json'],
  ['GET', 'logs?stdout=1'],
  ['GET', 'top'],
  ['GET', 'changes'],
  ['GET', 'stats?stream=0&one-shot=1'],
  ['GET', 'archive?path=/'],
  ['GET', 'export'],
  ['POST', 'update', { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1 } }],
  ['POST', 'wait?condition=not-running'],
  ['POST', 'exec', { Cmd: ['true'], AttachStdout: true }],
  ['POST', 'exec', { Cmd: ['sleep', '60'] }],
  ['connect', 'fuzzed'],
  ['connect', 'fuzzed'],
  ['disconnect', 'fuzzed'],
  ['disconnect', 'bridge'],
] as const satisfies readonly (readonly [string, string, object?])[];

/** The answer's status, after all of it has been read. */
async function useOnce(
  engine: TestEngine,
  id: string,
  [method, path, payload]: (typeof VERBS)[number],
): Promise<number> {
  const of = `/containers/${id}`;
  if (method === 'connect' || method === 'disconnect') {
    const asked = { Container: id, Force: true };
    return (await callSocket(engine.socket, 'POST', `/networks/${path}/${method}`, asked)).status;
  }
  if (path.startsWith('wait')) await callSocket(engine.socket, 'POST', `${of}/kill`);
  const answer = await callSocket(engine.socket, method, `${of}/${path}`, payload);
  if (path !== 'exec' || answer.status !== 201) return answer.status;
  const { Id } = answer.json<{ Id: string }>();
  return (await callSocket(engine.socket, 'POST', `/exec/${Id}/start`, { Detach: payload?.Cmd[0] === 'sleep' })).status;
}

async function networkBridge(engine: TestEngine, name: string): Promise<string> {
  const { Id } = (await ask(engine, 'POST', '/networks/create', { Name: name })).json<{ Id: string }>();
  return `br-${Id.slice(0, 12)}`;
}

test('bodies of all kinds, and whatever verbs on what they make, leave nothing', { timeout: 300_000 }, async () => {
  await using engine = await startTestEngine();
  await pullImage(engine);
  await run(engine, ['true']);
  const canary = await start(engine, { name: 'canary' });
  const moreThanBefore = await watchHoldings(engine);
  const bridge = await networkBridge(engine, 'fuzzed');
  const rest = fc.array(fc.constantFrom(...VERBS), { maxLength: 4 });
  const verbs = fc.tuple(fc.integer({ min: 0, max: 3 }), rest).map(([first, others]) => {
    return first === 0 ? others : [VERBS[0], ...others];
  });
  await fc.assert(
    fc.asyncProperty(body, verbs, async (request, asked) => {
      const made = await callSocket(engine.socket, 'POST', '/containers/create', request);
      // Mistakes of clients that Docker too calls its own.
      const known = /Cannot mkdir: .* is not a directory|invalid volume specification/.test(made.text);
      assert.ok(made.status !== 500 || known, `${JSON.stringify(request)}: ${made.text}`);
      if (made.status !== 201) return;
      const { Id } = made.json<{ Id: string }>();
      for (const verb of asked) assert.ok((await useOnce(engine, Id, verb)) < 600);
      const removed = await callSocket(engine.socket, 'DELETE', `/containers/${Id}?force=1&v=1`);
      // With AutoRemove it may have gone, or be going, by itself.
      assert.ok([204, 404, 409].includes(removed.status), `${JSON.stringify(request)}: ${removed.text}`);
    }),
    { numRuns: 120 },
  );
  assert.equal((await engine.call('GET', `/containers/${canary}/json`)).status, 200);
  assert.equal((await run(engine, ['true'])).code, 0);
  await ask(engine, 'DELETE', '/networks/fuzzed');
  // Volumes that were named are theirs who named them.
  await ask(engine, 'POST', `/volumes/prune?filters=${encodeURIComponent('{"all":["true"]}')}`);
  assert.deepEqual(await moreThanBefore([bridge]), []);
});

test('bytes that are no requests, and connections that end in the middle', async () => {
  await using engine = await startTestEngine();
  await pullImage(engine);
  // It prints: that a client is gone for good, and has not only ended its input, shows when something is sent to it.
  const id = await start(engine, { command: ['sh', '-c', 'while :; do echo x; sleep 0.2; done'] });
  const pieces = [
    'GET /containers/json',
    `POST /containers/${id}/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: x\r\n\r\n`,
    `POST /containers/${id}/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`,
    `POST /containers/${id}/exec HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"Cmd":`,
    `PUT /containers/${id}/archive?path=/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
    `GET /containers/${id}/logs?stdout=1&follow=1 HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET /containers/${id}/stats HTTP/1.1\r\nHost: x\r\n\r\n`,
    'GET /events HTTP/1.1\r\nHost: x\r\n\r\n',
    '\0\0\0\0\r\n\r\n',
  ];
  const before = openFiles(engine.pid);
  for (let round = 0; round < 10; round++) {
    for (const piece of pieces) {
      await new Promise<void>((resolve) => {
        const socket = connect(engine.socket, () => socket.write(piece, () => setTimeout(() => socket.destroy(), 5)));
        socket.on('close', () => resolve());
        socket.on('error', () => {});
      });
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.ok(openFiles(engine.pid) <= before + 10, `from ${before} to ${openFiles(engine.pid)} open files`);
  assert.equal((await ask(engine, 'GET', `/containers/${id}/json`)).status, 200);
});

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
