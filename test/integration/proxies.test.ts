/** The engine behind a proxy: registries, with and without TLS, and what a build downloads. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { findProgram } from '../../tools/setup/run-program.ts';
import { type Registry, startRegistry } from '../../tools/world/registry.ts';
import { contextFolder, dockerBuild } from '../support/build-context.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { pushImage } from '../support/registry-image.ts';
import { handMadeTar } from '../support/tar-builder.ts';

const skip = findProgram('openssl') === undefined && 'there is no openssl to make a certificate with';
let folder: string;
let registry: Registry;
let engine: TestEngine;
let secure: Server;
/** What the proxy was asked for, with the password that came along. */
const asked: string[] = [];

/** Names of `.test` are nowhere but here: `files.test` is a server of files, the others are the registry. */
const proxy = createServer((incoming, outgoing) => {
  const url = new URL(incoming.url ?? '');
  asked.push(`${incoming.method} ${url.host}${url.pathname} ${incoming.headers['proxy-authorization'] ?? '-'}`);
  if (url.host === 'files.test') return void outgoing.end(`from ${url.pathname}`);
  const { method, headers } = incoming;
  incoming.pipe(
    request(new URL(url.pathname + url.search, registry.url), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    }),
  );
});
proxy.on('connect', (incoming, socket) => {
  asked.push(`CONNECT ${incoming.url}`);
  if (incoming.url !== 'secure.test:443') {
    return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  }
  const to = connect((secure.address() as AddressInfo).port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(to).pipe(socket);
  });
  for (const one of [to, socket]) one.on('error', () => to.destroy());
});

function certificate(): { key: Buffer; cert: Buffer } {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name)) as [string, string];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', [...kind, '-subj', '/CN=secure.test', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-proxies-'));
  registry = await startRegistry();
  secure = createTlsServer(certificate(), (incoming, outgoing) => {
    request(new URL(incoming.url ?? '', registry.url), { headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    }).end();
  });
  for (const server of [proxy, secure]) await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const config = path.join(folder, 'daemon.json');
  const names = ['plain.test:5000', 'secure.test', 'direct.test:5000'];
  const proxies = { 'https-proxy': `http://${address}`, 'no-proxy': 'direct.test' };
  writeFileSync(config, JSON.stringify({ 'insecure-registries': names, proxies }));
  engine = await startTestEngine({
    args: ['--config-file', config],
    env: { HTTP_PROXY: `http://user:pass@${address}`, HTTPS_PROXY: 'http://not.used:1' },
  });
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  for (const server of [proxy, secure]) server?.close();
  proxy.closeAllConnections();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test('the proxies are shown without their passwords', { skip }, async () => {
  const info = (await engine.call('GET', '/info')).json<Record<string, string>>();
  assert.match(info['HttpProxy'] ?? '', /^http:\/\/xxxxx:xxxxx@127\.0\.0\.1:\d+$/);
  assert.match(info['HttpsProxy'] ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(info['NoProxy'], 'direct.test');
});

test('images come and go through the proxy, over TLS and without', { skip }, async () => {
  await pushImage(registry.url, 'through/proxy:1', { layers: [handMadeTar([{ name: 'f', data: 'x' }])] });
  await docker(engine, 'pull', '-q', 'plain.test:5000/through/proxy:1');
  const basic = `Basic ${Buffer.from('user:pass').toString('base64')}`;
  assert.ok(asked.includes(`GET plain.test:5000/v2/through/proxy/manifests/1 ${basic}`), asked.join('\n'));
  await docker(engine, 'tag', 'plain.test:5000/through/proxy:1', 'plain.test:5000/pushed:2');
  await docker(engine, 'push', '-q', 'plain.test:5000/pushed:2');
  await docker(engine, 'pull', '-q', 'secure.test/pushed:2');
  assert.ok(asked.includes('CONNECT secure.test:443'), asked.join('\n'));
});

test('a build downloads through the proxy, and its containers know nothing of it', { skip }, async () => {
  const lines = ['FROM busybox', 'ADD http://files.test/a/file /x/', 'RUN cat /x/file; env'];
  using context = contextFolder({ Dockerfile: lines.join('\n') });
  const { code, said } = await dockerBuild(engine, context);
  assert.equal(code, 0, said);
  assert.match(said, /from \/a\/file/);
  assert.doesNotMatch(said, /proxy/i);
});

test('what is to be reached without the proxy is; what the proxy refuses is said', { skip }, async () => {
  const before = asked.length;
  const direct = await docker(engine, 'pull', 'direct.test:5000/a').catch((error: Error) => error);
  assert.match(String(direct), /lookup direct\.test/);
  assert.equal(asked.length, before);
  const refused = await docker(engine, 'pull', 'other.test/a').catch((error: Error) => error);
  assert.match(
    String(refused),
    /"https:\/\/other\.test\/v2\/.*": proxyconnect tcp: 403 Forbidden \(check the engine's proxy/,
  );
});
