/** Requests that no client would send: the engine answers each, goes on, and leaves nothing on the host. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { callSocket } from '../support/call-socket.ts';
import { ask, IMAGE, pullImage, run, start } from '../support/containers.ts';
import { startTestEngine } from '../support/engine.ts';

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
const body = fc
  .record({
    config: fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 3 }),
    host: fc.dictionary(fc.constantFrom(...HOST_FIELDS), value, { maxKeys: 3 }),
  })
  .map(({ config, host }) => ({ Image: IMAGE, Cmd: ['true'], ...config, HostConfig: host }));

const PATHS = [
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
  ['POST', 'wait?condition=not-running'],
] as const;

test('bodies of all kinds, and whatever verbs on what they make', { timeout: 240_000 }, async () => {
  await using engine = await startTestEngine();
  await pullImage(engine);
  const canary = await start(engine);
  const verbs = fc.array(fc.constantFrom(...PATHS), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(body, verbs, async (request, asked) => {
      const made = await callSocket(engine.socket, 'POST', '/containers/create', request);
      assert.notEqual(made.status, 500, `${JSON.stringify(request)}: ${made.text}`);
      if (made.status !== 201) return;
      const { Id } = made.json<{ Id: string }>();
      for (const [method, path] of asked) {
        const running = path.startsWith('wait')
          ? callSocket(engine.socket, 'POST', `/containers/${Id}/kill`)
          : undefined;
        await running;
        const answer = await callSocket(engine.socket, method, `/containers/${Id}/${path}`);
        assert.ok(answer.status < 600, answer.text);
      }
      assert.equal((await callSocket(engine.socket, 'DELETE', `/containers/${Id}?force=1&v=1`)).status, 204);
    }),
    { numRuns: 400 },
  );
  assert.equal((await engine.call('GET', `/containers/${canary}/json`)).status, 200);
  assert.equal((await run(engine, ['true'])).code, 0);
  await ask(engine, 'DELETE', `/containers/${canary}?force=1`);
  const left = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(`${engine.dataRoot}/containers`));
  assert.deepEqual(left, []);
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
