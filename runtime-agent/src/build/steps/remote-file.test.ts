import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createTransport } from '../../registry/transport.ts';
import { download } from './remote-file.ts';

const BASIC = `Basic ${Buffer.from('user:secret').toString('base64')}`;
let folder = '';
let server: Server;
let base = '';
const transport = createTransport();
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-remote-'));
  server = createServer((request, response) => {
    const hops = Number(/^\/hop\/(\d+)$/.exec(request.url ?? '')?.[1] ?? -1);
    switch (new URL(request.url ?? '', 'http://h').pathname) {
      case '/moved':
        return void response.writeHead(302, { location: '/d/file%20name.txt' }).end();
      case '/d/file%20name.txt':
        return void response.setHeader('last-modified', 'Thu, 01 Jan 1970 00:01:40 GMT').end('content');
      case '/named':
        return void response.setHeader('content-disposition', 'attachment; filename="given.bin"').end('named');
      case '/d%2Fnamed':
      case '/named/':
        return void response.end('named');
      case '/packed.gz':
      case '/packed-badly':
        response.setHeader('content-encoding', 'gzip');
        return void response.end(request.url === '/packed.gz' ? gzipSync('unpacked') : 'no gzip');
      case '/empty':
        return void response.writeHead(204).end();
      case '/private':
        return void response.writeHead(request.headers.authorization === BASIC ? 200 : 401).end();
      case '/private-elsewhere':
        return void response.writeHead(302, { location: `http://localhost:${request.socket.localPort}/private` }).end();
      case '/to-a-file':
        return void response.writeHead(302, { location: 'file:///etc/passwd' }).end();
      case '/slow':
        return void response.write('begin');
      case '/broken':
        response.writeHead(200, { 'content-length': '1000' }).write('begin');
        return void setTimeout(() => response.destroy(), 20);
      case '/':
        return void response.end('root');
      default:
        if (hops > 0) return void response.writeHead(302, { location: `/hop/${hops - 1}` }).end();
        if (hops === 0) return void response.end('arrived');
        return void response.writeHead(503, 'Out of Order').end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  transport[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const get = (name: string, checksum?: string, signal = new AbortController().signal) =>
  download(base + name, { transport, folder, checksum, signal });
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

test('the name is that of the address, whatever the server says', async () => {
  assert.equal((await get('/named?x=1#y')).name, 'named');
  assert.equal((await get('/moved')).name, 'moved');
  assert.equal((await get('/named/')).name, 'named');
  assert.equal((await get('/d%2Fnamed')).name, 'named');
  assert.equal((await get('/')).name, '__unnamed__');
});

test('what is compressed for the way only, and what is empty', async () => {
  const packed = await get('/packed.gz');
  assert.ok('file' in packed.content);
  assert.equal(readFileSync(packed.content.file, 'utf8'), 'unpacked');
  assert.equal((await get('/empty')).name, 'empty');
  await assert.rejects(get('/packed-badly'), { code: 'invalid', message: /: the connection broke$/ });
});

test('redirects end, and take no password along', async () => {
  assert.equal((await get('/hop/9')).name, '9');
  await assert.rejects(get('/hop/10'), { code: 'invalid', message: /stopped after 10 redirects$/ });
  const withPassword = base.replace('//', '//user:secret@');
  const options = { transport, folder, checksum: undefined, signal: new AbortController().signal };
  assert.equal((await download(`${withPassword}/private`, options)).name, 'private');
  await assert.rejects(download(`${withPassword}/private-elsewhere`, options), (error: Error) => {
    assert.match(error.message, /^failed to get http:\/\/user:\*\*\*@127\.0\.0\.1:\d+\/private-else.*answered 401/);
    return true;
  });
  await assert.rejects(get('/to-a-file'), { message: /unsupported protocol scheme "file:"$/ });
});

test('without a time of its own it is as old as time', async () => {
  assert.equal((await get('/named')).mtime, 0);
});

test('the checksum must be right', async () => {
  assert.equal((await get('/named', `sha256:${sha256('named')}`)).name, 'named');
  await assert.rejects(get('/named', 'md5:x'), { message: /^unsupported digest algorithm of --checksum=md5:x/ });
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
  await assert.rejects(download(`http://127.0.0.1:${port}/x`, { transport, folder, checksum: undefined, signal }), {
    code: 'invalid',
    message: /^Get "http:\/\/127\.0\.0\.1:\d+\/x": .*connection refused \(is the server running/,
  });
});

test('a download can be ended', async () => {
  const controller = new AbortController();
  const slow = get('/slow', undefined, controller.signal);
  setTimeout(() => controller.abort(), 30);
  await assert.rejects(slow, { name: 'AbortError' });
});
