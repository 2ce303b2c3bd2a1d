import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { localShell, sha256OfFile } from './local-shell.ts';
import { quote } from './shell-quote.ts';
import { dialUnix } from './unix-socket.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-local-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));
const shell = localShell();

test('commands: both streams, the exit code, input', async () => {
  assert.deepEqual(await shell.run('echo out; echo err >&2; exit 7'), { code: 7, stdout: 'out\n', stderr: 'err\n' });
  assert.equal((await shell.run('tr a-z A-Z', { input: Buffer.from('loud') })).stdout, 'LOUD');
  assert.equal((await shell.run('true', { input: Buffer.alloc(1_000_000) })).code, 0, 'input that nobody reads');
});

test('a command can be cancelled', async () => {
  await assert.rejects(shell.run('sleep 30', { signal: AbortSignal.timeout(50) }), { code: 'cancelled' });
});

test('words with everything in them survive the shell', async () => {
  for (const word of ['', 'a b', "it's", '"$HOME"', '`id`', 'a\nb', '*', '\\', '$(id)', "''"]) {
    assert.equal((await shell.run(`printf %s ${quote(word)}`)).stdout, word);
  }
});

test('a file is copied whole, once, with its folder', async () => {
  const from = path.join(folder, 'from');
  const to = path.join(folder, 'new', 'folder', 'to');
  writeFileSync(from, 'content');
  const said: number[] = [];
  await shell.upload(from, to, { progress: (bytes) => said.push(bytes) });
  assert.equal(readFileSync(to, 'utf8'), 'content');
  assert.deepEqual(said, [7]);
  assert.deepEqual(readdirSync(path.dirname(to)), ['to']);
  writeFileSync(from, 'changed');
  await shell.upload(from, to);
  assert.equal(await sha256OfFile(to), await sha256OfFile(from));
});

test('sockets: connected, none there, nobody listening, cancelled', async () => {
  const at = path.join(folder, 'a.sock');
  const server = createServer().listen(at);
  await new Promise((resolve) => server.once('listening', resolve));
  (await dialUnix(at)).destroy();
  await assert.rejects(dialUnix(at, AbortSignal.abort()), { code: 'cancelled' });
  await assert.rejects(dialUnix(path.join(folder, 'none')), {
    code: 'unavailable',
    message: /there is no such socket/,
  });
  server.close();
  writeFileSync(path.join(folder, 'dead'), '');
  await assert.rejects(dialUnix(path.join(folder, 'dead')), { code: 'unavailable', message: /nothing listens there/ });
  assert.equal(existsSync(at), false);
});
