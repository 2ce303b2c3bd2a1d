/** The relay and the inspector against real network and pid namespaces, without a container around them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { NodeDebugTarget } from '#model/slipway-api/debug.ts';
import { type ContainerDebug, createContainerDebug } from '../../runtime-agent/src/debug/container-debug.ts';
import { createRelay, type Relay, relayCommand } from '../../runtime-agent/src/debug/relay.ts';
import { createEventLog, type EventLog } from '../../runtime-agent/src/events/event-log.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { type IsolatedNode, isolatedNode } from '../support/isolated-node.ts';

const ENGINE = path.resolve(import.meta.dirname, '../../runtime-agent/src/main.ts');
const NODE = process.execPath;
const never = new AbortController().signal;

let folder: string;
let relay: Relay;
let events: EventLog;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-relay-'));
  events = createEventLog();
  relay = createRelay({
    host: linuxHost,
    events,
    execRoot: folder,
    command: relayCommand(ENGINE),
    idleMs: 300,
  });
  writeFileSync(
    path.join(folder, 'server.mjs'),
    `import { createServer } from 'node:net';
     const echo = (host, port) => new Promise((done) => createServer({ allowHalfOpen: true }, (s) => s.pipe(s)).listen(port, host, done));
     await echo('127.0.0.1', 3000); await echo('::1', 3001); console.log('ready');`,
  );
});
after(async () => {
  await relay[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const debugOf = (one: IsolatedNode, mounts: NodeDebugTarget['mounts'] = []): ContainerDebug =>
  createContainerDebug({ relay, host: linuxHost, running: () => ({ id: 'c1', pid: one.pid, mounts }) });

async function echo(socket: Socket, message: string): Promise<string> {
  socket.end(message);
  return await text(socket);
}

const isCode = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof EngineError && error.code === code && words.test(error.message);

describe('relay', () => {
  test('reaches loopback listeners of both families, quickly, and passes half-closes on', async () => {
    await using app = await isolatedNode(`${NODE} server.mjs`, folder);
    const debug = debugOf(app);
    assert.equal(await echo(await debug.connect('c1', 3000), 'first'), 'first');
    assert.equal(await echo(await debug.connect('c1', 3001), 'v6'), 'v6');
    assert.equal(await echo(await debug.connect('c1', 3000, 'localhost'), 'name'), 'name');
    const big = 'x'.repeat(5_000_000);
    assert.equal((await echo(await debug.connect('c1', 3000), big)).length, big.length);
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const started = performance.now();
      await echo(await debug.connect('c1', 3000), 'again');
      times.push(performance.now() - started);
    }
    // the best of them: the machine may be busy
    assert.ok(Math.min(...times) < 20, `a connection took ${Math.min(...times).toFixed(1)} ms`);
    assert.equal(readdirSync(path.join(folder, 'relay')).length, 1);
  });

  test('says what listens when the port is not there', async () => {
    await using app = await isolatedNode(`${NODE} server.mjs`, folder);
    const debug = debugOf(app);
    await assert.rejects(debug.connect('c1', 9999), isCode('unavailable', /port 9999 .*listening are: 3000, 3001/));
    await assert.rejects(debug.connect('c1', 9999, '127.0.0.1'), isCode('unavailable', /nothing listens there/));
    const ports = await debug.ports('c1');
    assert.deepEqual(
      ports.map(({ port, address, argv }) => [port, address, argv?.at(-1)]),
      [
        [3000, '127.0.0.1', 'server.mjs'],
        [3001, '::1', 'server.mjs'],
      ],
    );
  });

  test('an idle helper ends, and the next connection starts another', async () => {
    await using app = await isolatedNode(`${NODE} server.mjs`, folder);
    const debug = debugOf(app);
    await echo(await debug.connect('c1', 3000), 'one');
    for (let i = 0; i < 40 && readdirSync(path.join(folder, 'relay')).length > 0; i++) await sleep(50);
    assert.deepEqual(readdirSync(path.join(folder, 'relay')), []);
    assert.equal(await echo(await debug.connect('c1', 3000), 'two'), 'two');
  });

  test('a helper ends with its container, not with others', async () => {
    const app = await isolatedNode(`${NODE} server.mjs`, folder);
    await using other = await isolatedNode(`${NODE} server.mjs`, folder);
    const held = await debugOf(app).connect('c1', 3000);
    await echo(await debugOf(other).connect('c1', 3000), 'x');
    held.on('error', () => {});
    using _released = { [Symbol.dispose]: () => held.destroy() };
    await app[Symbol.asyncDispose]();
    events.publish('container', 'die', 'c1');
    for (let i = 0; i < 40 && readdirSync(path.join(folder, 'relay')).length > 1; i++) await sleep(50);
    assert.equal(readdirSync(path.join(folder, 'relay')).length, 1);
    assert.equal(events.listeners(), 1);
    assert.equal(await echo(await debugOf(other).connect('c1', 3000), 'still here'), 'still here');
  });

  test('a process that has gone is a clear error', async () => {
    const app = await isolatedNode(`${NODE} server.mjs`, folder);
    await app[Symbol.asyncDispose]();
    await assert.rejects(debugOf(app).connect('c1', 3000, '127.0.0.1'), isCode('conflict', /not running/));
  });
});

describe('node inspector', () => {
  const app = `console.log('ready'); setInterval(() => {}, 1000);`;

  test('is switched on in the app behind node --watch, and found again', async () => {
    writeFileSync(path.join(folder, 'app.mjs'), app);
    await using one = await isolatedNode(`${NODE} --watch app.mjs`, folder);
    const mounts = [{ source: folder, destination: '/app' }];
    const debug = debugOf(one, mounts);
    const target = await debug.debugNode('c1', undefined, never);
    assert.ok('port' in target, JSON.stringify(target));
    assert.deepEqual([target.host, target.port, target.cwd], ['127.0.0.1', 9229, folder]);
    assert.equal(target.argv.at(-1), 'app.mjs');
    assert.match(target.chain, /^node --watch app\.mjs -> node app\.mjs$/);
    assert.deepEqual(target.mounts, mounts);
    assert.match(one.output(), /Debugger listening on ws:\/\/127\.0\.0\.1:9229/);
    assert.deepEqual(await debug.debugNode('c1', undefined, never), target);
    assert.equal(one.output().match(/Debugger listening/g)?.length, 1);
  });

  test('an inspector that listens already, on another port and address, is used as it is', async () => {
    await using one = await isolatedNode(`exec ${NODE} --inspect=0.0.0.0:9333 app.mjs`, folder);
    const target = await debugOf(one).debugNode('c1', undefined, never);
    assert.deepEqual('port' in target && [target.host, target.port], ['127.0.0.1', 9333]);
  });

  test('several apps are offered for the pick, and each can be had by its pid', async () => {
    await using one = await isolatedNode(`${NODE} app.mjs & ${NODE} --inspect-port=9300 app.mjs x; wait`, folder);
    await sleep(300);
    const debug = debugOf(one);
    const choice = await debug.debugNode('c1', undefined, never);
    assert.ok('candidates' in choice);
    assert.equal(choice.candidates.length, 2);
    const second = choice.candidates.find(({ argv }) => argv.includes('x'));
    const target = await debug.debugNode('c1', second?.pid, never);
    assert.equal('port' in target && target.port, 9300);
  });

  test('a taken inspector port names who has it', async () => {
    await using one = await isolatedNode(
      `${NODE} --inspect app.mjs first & sleep 0.4; ${NODE} app.mjs second; wait`,
      folder,
    );
    for (let i = 0; i < 40 && one.output().match(/ready/g)?.length !== 2; i++) await sleep(50);
    const debug = debugOf(one);
    const second = (await debug.processes('c1')).find(({ argv }) => argv.includes('second'));
    await assert.rejects(
      debug.debugNode('c1', second?.pid, never),
      isCode('conflict', /port 9229 .* taken by .*first/),
    );
  });

  test('a process that would be ended by the signal is not sent it', async () => {
    await using one = await isolatedNode(`echo ready; exec ${NODE} --disable-sigusr1 app.mjs`, folder);
    await sleep(200);
    const debug = debugOf(one);
    await assert.rejects(debug.debugNode('c1', undefined, never), isCode('conflict', /does not take the signal/));
    assert.equal((await debug.processes('c1')).length, 1);
  });

  test('no Node process, only a launcher, a wrong pid: each is said', async () => {
    await using none = await isolatedNode('echo ready; sleep 60', folder);
    await assert.rejects(debugOf(none).debugNode('c1', undefined, never), isCode('not-found', /no Node\.js process/));
    await assert.rejects(debugOf(none).debugNode('c1', 1, never), isCode('not-found', /not Node\.js/));
    await assert.rejects(debugOf(none).debugNode('c1', 4711, never), isCode('not-found', /no such process/));
    writeFileSync(path.join(folder, 'crash.mjs'), `console.log('ready'); process.exit(1);`);
    await using crashed = await isolatedNode(`${NODE} --watch crash.mjs`, folder);
    await sleep(200);
    await assert.rejects(debugOf(crashed).debugNode('c1', undefined, never), isCode('not-found', /only node --watch/));
  });
});
