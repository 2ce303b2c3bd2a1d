import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { text } from 'node:stream/consumers';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { dialUnix } from '../hosts/unix-socket.ts';
import { dockerHost } from './docker-host.ts';

let folder: string;
let server: Server;
let enginePath: string;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-docker-host-'));
  enginePath = path.join(folder, 'engine.sock');
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    // Answers only after the other side has said all it had to say.
    void text(socket).then((said) => socket.end(`heard ${said.length}`));
  });
  await new Promise<void>((resolve) => server.listen(enginePath, resolve));
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const over = (dial: EngineConnection['dial']): EngineConnection =>
  ({ kind: 'ssh', id: 'ssh:x', dial }) as EngineConnection;
const pathOf = (url: string): string => url.replace('unix://', '');

function ask(url: string, words: string): Promise<string> {
  const socket = connect({ path: pathOf(url), allowHalfOpen: true });
  socket.end(words);
  return text(socket);
}

test('each connection is one to the engine; each side may end first', async () => {
  await using host = await dockerHost(
    over(() => dialUnix(enginePath)),
    '/nowhere',
  );
  const answers = await Promise.all([10, 100_000, 1_000_000].map((size) => ask(host.url, 'x'.repeat(size))));
  assert.deepEqual(answers, ['heard 10', 'heard 100000', 'heard 1000000']);
});

test('only this user may come in, and nothing stays behind', async () => {
  const host = await dockerHost(
    over(() => dialUnix(enginePath)),
    '/nowhere',
  );
  const place = path.dirname(pathOf(host.url));
  assert.equal(statSync(place).mode & 0o777, 0o700);
  const waiting = connect(pathOf(host.url));
  await new Promise((resolve) => waiting.once('connect', resolve));
  await host[Symbol.asyncDispose]();
  assert.equal(existsSync(place), false);
});

test('an engine that cannot be reached ends the connection', async () => {
  await using host = await dockerHost(
    over(() => Promise.reject(new Error('gone'))),
    '/nowhere',
  );
  assert.equal(await ask(host.url, 'hello').catch(() => ''), '');
});

test('engines of this machine are used as they are', async () => {
  const local = { kind: 'local', id: 'local' } as EngineConnection;
  assert.equal((await dockerHost(local, '/run/a.sock')).url, 'unix:///run/a.sock');
  const socket = { kind: 'socket', id: 'socket:/run/podman/podman.sock' } as EngineConnection;
  assert.equal((await dockerHost(socket, '/run/a.sock')).url, 'unix:///run/podman/podman.sock');
});
