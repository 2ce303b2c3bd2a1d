/** Debuggers and tunnels into real containers: nothing published, nothing prepared. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerProcess, ListeningPort } from '#model/slipway-api/debug.ts';
import { type NodeTunnel, type NodeTunnelDeps, openNodeTunnel } from '../../client/src/debug/node-tunnel.ts';
import { localFolders, rootsFor } from '../../client/src/debug/path-map.ts';
import { openConnection } from '../../client/src/hosts/connection.ts';
import type { EngineConnection } from '../../client/src/hosts/engine-connection.ts';
import { localShell } from '../../client/src/hosts/local-shell.ts';
import { containerPortDialer } from '../../client/src/tunnel/container-port.ts';
import { openTunnel } from '../../client/src/tunnel/local-tunnel.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { inspectorClient } from '../support/inspector-client.ts';

const never = new AbortController().signal;
const APP = `import { createServer } from 'node:http';

function answer(request) {
  return 'hello from ' + request.url;
}
createServer((request, response) => response.end(answer(request))).listen(3000, '127.0.0.1');
`;

let engine: TestEngine;
let connection: EngineConnection;
before(async () => {
  engine = await startTestEngine();
  const parts = { id: 'local', label: 'test host', kind: 'local', socketPath: engine.socket } as const;
  connection = await openConnection({ ...parts, shell: localShell() });
});
after(async () => {
  await connection[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

describe('in a container', () => {
  let folder: string;
  const log: string[] = [];
  const gone: string[] = [];
  const run = async (...command: readonly string[]): Promise<string> => {
    const args = ['run', '-d', '-v', `${folder}:/app`, '-w', '/app', 'node:20-slim', ...command];
    const id = (await docker(engine, ...args)).stdout.trim();
    await until(async () => (await ports(id)).some(({ port }) => port === 3000));
    return id;
  };
  const ports = async (id: string): Promise<ListeningPort[]> =>
    await connection.call('GET', `/slipway/v1/containers/${id}/ports`);
  const none: NodeTunnelDeps['pick'] = async () => undefined;
  const nodeTunnel = async (id: string, pick = none): Promise<NodeTunnel | undefined> =>
    await openNodeTunnel(
      { connection: () => connection, pick, log: (line) => log.push(line), onGone: () => gone.push(id) },
      id,
      never,
    );
  const ask = async (id: string): Promise<string> => {
    const dial = await containerPortDialer(() => connection, { container: id, port: 3000 });
    await using tunnel = await openTunnel({ dial });
    return await (await fetch(`http://127.0.0.1:${tunnel.port}/there`)).text();
  };

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 15_000; !(await holds()); await sleep(50)) {
      if (Date.now() > deadline) throw new Error('it did not happen in 15 s');
    }
  }

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-g-'));
    writeFileSync(path.join(folder, 'server.mjs'), APP);
    log.length = gone.length = 0;
  });
  afterEach(async () => {
    await docker(
      engine,
      'rm',
      '-f',
      ...(await docker(engine, 'ps', '-aq')).stdout.split(/\s+/).filter(Boolean),
      'none',
    ).catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  });

  test('a tunnel reaches what listens on loopback only, also with no network at all', async () => {
    const id = await run('node', 'server.mjs');
    assert.equal(await ask(id), 'hello from /there');
    const args = ['run', '-d', '--network', 'none', '-v', `${folder}:/app`, 'node:20-slim', 'node', '/app/server.mjs'];
    const lonely = (await docker(engine, ...args)).stdout.trim();
    await until(async () => (await ports(lonely)).length > 0);
    assert.equal(await ask(lonely), 'hello from /there');
    const [listening] = await ports(id);
    assert.deepEqual([listening?.port, listening?.address, listening?.argv?.at(-1)], [3000, '127.0.0.1', 'server.mjs']);
  });

  test('a port nobody listens on, a stopped container, one that is not there: each is said', async () => {
    const id = await run('node', 'server.mjs');
    const refusal = async (container: string, port: number): Promise<EngineError> =>
      await connection.upgrade('POST', `/slipway/v1/containers/${container}/relay`, { query: { port } }).then(
        () => assert.fail('it was not refused'),
        (error: EngineError) => error,
      );
    assert.deepEqual(
      (await refusal(id, 4000)).message,
      'nothing listens on port 4000 in the container (listening are: 3000)',
    );
    assert.equal((await refusal(id, 70_000)).code, 'invalid');
    await docker(engine, 'kill', id);
    assert.equal((await refusal(id, 3000)).code, 'conflict');
    assert.equal((await refusal('nobody', 3000)).code, 'not-found');
  });

  test('a breakpoint is hit in an app that was started without --inspect, with paths from the mount', async () => {
    const id = await run('node', 'server.mjs');
    await using tunnel = await nodeTunnel(id);
    assert.ok(tunnel !== undefined);
    const roots = rootsFor({
      mounts: tunnel.target.mounts,
      cwd: tunnel.target.cwd,
      script: 'server.mjs',
      localOf: localFolders([], true),
      workspaceFolder: undefined,
    });
    assert.deepEqual(roots, { localRoot: folder, remoteRoot: '/app' });
    using client = await inspectorClient(tunnel.port);
    assert.equal(await client.breakAt('server\\.mjs$', 3), 1);
    const answered = ask(id);
    assert.deepEqual(await client.stopped(), { functionName: 'answer', line: 3 });
    await client.resume();
    assert.equal(await answered, 'hello from /there');
  });

  test('the app restarts under node --watch when a file is saved, and the same tunnel leads to the new process', async () => {
    const id = await run('node', '--watch', 'server.mjs');
    await using tunnel = await nodeTunnel(id);
    assert.ok(tunnel !== undefined);
    {
      using first = await inspectorClient(tunnel.port);
      assert.equal(await first.breakAt('server\\.mjs$', 3), 1);
    }
    writeFileSync(path.join(folder, 'server.mjs'), APP.replace('hello from', 'saved:'));
    await until(async () => (await ask(id).catch(() => '')) === 'saved: /there');
    await sleep(1100); // a debugger tries again after a while; connections in a row are one attempt
    using second = await inspectorClient(tunnel.port);
    assert.equal(await second.breakAt('server\\.mjs$', 3), 1);
    const answered = ask(id);
    assert.equal((await second.stopped()).functionName, 'answer');
    await second.resume();
    assert.equal(await answered, 'saved: /there');
    assert.match(log.join('\n'), /The app was restarted \(process \d+\): attaching again/);
  });

  test('one of several apps is picked; a container that stops ends the waiting', async () => {
    const id = await run(
      'sh',
      '-c',
      'node server.mjs & node --inspect-port=9300 -e "setInterval(() => {}, 1000)" & wait',
    );
    const seen: string[] = [];
    const pick: NodeTunnelDeps['pick'] = async (candidates) => {
      seen.push(...candidates.map(({ argv }) => argv.join(' ')));
      return candidates.find(({ argv }) => argv.includes('-e'));
    };
    await using tunnel = await nodeTunnel(id, pick);
    assert.equal(tunnel?.target.port, 9300);
    assert.equal(seen.length, 2);
    assert.equal(await nodeTunnel(id), undefined);
    await docker(engine, 'kill', id);
    await sleep(1100);
    await assert.rejects(fetch(`http://127.0.0.1:${tunnel?.port}/json/version`));
    await until(() => gone.length === 1);
  });

  test('processes are told with their runtimes', async () => {
    const id = await run('sh', '-c', 'node server.mjs & sleep 1000');
    const found: ContainerProcess[] = await connection.call('GET', `/slipway/v1/containers/${id}/processes`);
    assert.deepEqual(
      found.map(({ pid, runtime, cwd }) => [pid === 1, runtime, cwd]),
      [
        [true, undefined, '/app'],
        [false, 'node', '/app'],
        [false, undefined, '/app'],
      ],
    );
    await docker(engine, 'pause', id);
    await assert.rejects(nodeTunnel(id), (error: EngineError) => error.code === 'conflict');
    await docker(engine, 'unpause', id);
  });
});
