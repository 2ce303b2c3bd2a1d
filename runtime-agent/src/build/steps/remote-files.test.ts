import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { linuxHost } from '../../host/linux.ts';
import { download, isGitAddress, resolveGit } from './remote-files.ts';

let folder = '';
let server: Server;
let base = '';
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-remote-'));
  server = createServer((request, response) => {
    switch (new URL(request.url ?? '', 'http://h').pathname) {
      case '/moved':
        return void response.writeHead(302, { location: '/d/file%20name.txt' }).end();
      case '/d/file%20name.txt':
        return void response.setHeader('last-modified', 'Thu, 01 Jan 1970 00:01:40 GMT').end('content');
      case '/named':
        return void response.setHeader('content-disposition', 'attachment; filename="given.bin"').end('named');
      case '/slow':
        return void response.write('begin');
      case '/broken':
        response.writeHead(200, { 'content-length': '1000' }).write('begin');
        return void setTimeout(() => response.destroy(), 20);
      case '/':
        return void response.end('root');
      default:
        return void response.writeHead(503, 'Out of Order').end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const get = (name: string, checksum?: string, signal = new AbortController().signal) =>
  download(base + name, folder, { checksum, signal });
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('a file: its name, time, mode and hash', async () => {
  const file = await get('/d/file%20name.txt');
  assert.ok('file' in file.content);
  assert.deepEqual(
    [file.name, file.mtime, file.mode, file.content.digest],
    ['file name.txt', 100, 0o600, sha256('content')],
  );
  assert.equal(readFileSync(file.content.file, 'utf8'), 'content');
});

test('the name is that of the address, or what the server says', async () => {
  assert.equal((await get('/named')).name, 'given.bin');
  assert.equal((await get('/moved')).name, 'moved');
  await assert.rejects(get('/'), { code: 'invalid', message: /^cannot determine filename for source/ });
});

test('without a time of its own it is as old as time', async () => {
  assert.equal((await get('/named')).mtime, 0);
});

test('the checksum must be right', async () => {
  assert.equal((await get('/named', `sha256:${sha256('named')}`)).name, 'given.bin');
  await assert.rejects(get('/named', `sha256:${'0'.repeat(64)}`), {
    code: 'invalid',
    message: /^digest mismatch for .*expected: sha256:000/,
  });
});

test('what cannot be had says why', async () => {
  await assert.rejects(get('/nothing'), { code: 'invalid', message: /the server answered 503 Out of Order$/ });
  await assert.rejects(get('/broken'), { code: 'invalid', message: /: the connection broke$/ });
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const { signal } = new AbortController();
  await assert.rejects(download(`http://127.0.0.1:${port}/x`, folder, { checksum: undefined, signal }), {
    code: 'invalid',
    message: /^failed to get http:\/\/127\.0\.0\.1:\d+\/x: .*ECONNREFUSED/,
  });
});

test('a download can be ended', async () => {
  const controller = new AbortController();
  const slow = get('/slow', undefined, controller.signal);
  setTimeout(() => controller.abort(), 30);
  await assert.rejects(slow, { name: 'AbortError' });
});

test('Git addresses are told from others', () => {
  for (const address of ['git@h:r', 'git://h/r', 'ssh://git@h/r', 'https://h/r.git', 'http://h/r.git#main:sub']) {
    assert.equal(isGitAddress(address), true, address);
  }
  for (const address of ['https://h/r.tgz', 'http://h/', 'https://h/r.git.tgz', 'https://h/x?y=r.git']) {
    assert.equal(isGitAddress(address), false, address);
  }
});

test('a commit is itself; a repository that is not there is an error', async () => {
  const { signal } = new AbortController();
  const commit = 'c'.repeat(40);
  assert.equal(await resolveGit(linuxHost, `https://h/r.git#${commit}`, signal), commit);
  await assert.rejects(resolveGit(linuxHost, `${base}/none.git`, signal), { code: 'invalid' });
  await assert.rejects(resolveGit(linuxHost, `${base}/none.git#--upload-pack=touch ${folder}/owned`, signal));
  assert.equal(readdirSync(folder).includes('owned'), false);
});
