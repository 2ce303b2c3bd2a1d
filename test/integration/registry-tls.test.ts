/** Registries with TLS: whom the engine trusts, and what it says of those whom it does not. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer as createPlainServer,
  type IncomingMessage,
  request,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parseReference } from '../../model/oci/reference.ts';
import { createRegistry } from '../../runtime-agent/src/registry/registry.ts';
import { createTransport, readBody } from '../../runtime-agent/src/registry/transport.ts';
import { findProgram } from '../../tools/setup/run-program.ts';
import { type Registry, startRegistry } from '../../tools/world/registry.ts';
import { pushImage } from '../support/registry-image.ts';
import { handMadeTar } from '../support/tar-builder.ts';

const skip = findProgram('openssl') === undefined && 'there is no openssl to make a certificate with';
let directory: string;
let registry: Registry;
before(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'slipway-tls-'));
  registry = await startRegistry();
  if (skip !== false) return;
  const subject = ['-subj', '/CN=slipway test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', path.join(directory, 'key.pem'), '-out', path.join(directory, 'cert.pem')];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', [...kind, ...subject, ...files], { stdio: 'ignore' });
});
after(async () => {
  await registry?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

interface Listening extends AsyncDisposable {
  readonly host: string;
}

async function listening(server: Server & { closeAllConnections(): void }): Promise<Listening> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The registry behind TLS with a certificate that nobody knows. */
function tlsRegistry(): Promise<Listening> {
  const forward: RequestListener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method, headers } = incoming;
    const passed = request(new URL(incoming.url ?? '/', registry.url), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  };
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(path.join(directory, name)));
  return listening(createServer({ key, cert }, forward));
}

const ping = (host: string) => ({ method: 'GET', url: new URL(`https://${host}/v2/`) }) as const;

test('a certificate that nobody vouches for is refused, and where to put the authority is said', { skip }, async () => {
  await using server = await tlsRegistry();
  using transport = createTransport({ certificateFolders: [] });
  const message = new RegExp(
    `^Get "https://${server.host}/v2/": tls: failed to verify certificate: x509: .*certs\\.d/${server.host}/ca\\.crt`,
  );
  await assert.rejects(transport.send(ping(server.host)), { code: 'unavailable', message });
});

test('an authority in the folder of the host is trusted, for that host', { skip }, async () => {
  await using server = await tlsRegistry();
  await using other = await tlsRegistry();
  mkdirSync(path.join(directory, server.host));
  copyFileSync(path.join(directory, 'cert.pem'), path.join(directory, server.host, 'ca.crt'));
  using transport = createTransport({ certificateFolders: [directory] });
  const answer = await transport.send(ping(server.host));
  assert.equal(answer.statusCode, 200);
  await readBody(answer);
  await assert.rejects(transport.send(ping(other.host)), { code: 'unavailable', message: /x509/ });
});

test("certificates of the host's folder that are no pair, or none at all, are named", { skip }, async () => {
  await using server = await tlsRegistry();
  const folder = path.join(directory, 'bad', server.host);
  mkdirSync(folder, { recursive: true });
  using transport = createTransport({ certificateFolders: [path.dirname(folder)] });
  const refused = (message: string | RegExp) =>
    assert.rejects(transport.send(ping(server.host)), { code: 'internal', message });
  copyFileSync(path.join(directory, 'cert.pem'), path.join(folder, 'client.cert'));
  await refused(
    'missing key client.key for client certificate client.cert. CA certificates must use the extension .crt',
  );
  writeFileSync(path.join(folder, 'client.key'), 'garbage');
  await refused(new RegExp(`^the certificates in ${folder} cannot be used: `));
  rmSync(path.join(folder, 'client.cert'));
  await refused('missing client certificate client.cert for key client.key');
  rmSync(path.join(folder, 'client.key'));
  copyFileSync(path.join(directory, 'cert.pem'), path.join(folder, 'ca.crt'));
  const answer = await transport.send(ping(server.host)); // without a restart
  assert.equal(answer.statusCode, 200);
  await readBody(answer);
});

test('an insecure registry is reached with TLS and any certificate, or without TLS', { skip }, async () => {
  await using server = await tlsRegistry();
  using transport = createTransport({ certificateFolders: [] });
  const registries = createRegistry({ transport, registryMirrors: [], insecureRegistries: [] });
  const image = await pushImage(registry.url, 'tls/image:1', { layers: [handMadeTar([{ name: 'f', data: 'x' }])] });
  for (const host of [server.host, registry.host]) {
    const { digest } = await registries.find(parseReference(`${host}/tls/image:1`));
    assert.equal(digest, image.manifest.digest, host);
  }
});

test('a server without TLS where TLS is expected says so', async () => {
  await using server = await listening(createPlainServer((_incoming, outgoing) => outgoing.end('hello')));
  using transport = createTransport();
  await assert.rejects(transport.send(ping(server.host)), {
    code: 'unavailable',
    message: /server gave HTTP response to HTTPS client \(.*--insecure-registry 127\.0\.0\.1:\d+\)$/,
  });
});

test('a server that takes the connection and then says nothing is given up', async () => {
  await using server = await listening(createPlainServer(() => {}));
  using transport = createTransport({ idleTimeoutMs: 100 });
  const url = new URL(`http://${server.host}/v2/`);
  await assert.rejects(transport.send({ method: 'GET', url }), { code: 'unavailable', message: /no answer/ });
  const controller = new AbortController();
  const cancelled = transport.send({ method: 'GET', url, signal: controller.signal });
  controller.abort();
  await assert.rejects(cancelled, { code: 'cancelled' });
});

test('an address that does not answer is given up soon', async () => {
  using transport = createTransport({ connectTimeoutMs: 300 });
  const started = performance.now();
  // TEST-NET-1 (RFC 5737): nobody is there; some networks say so at once.
  await assert.rejects(transport.send({ method: 'GET', url: new URL('http://192.0.2.254:9/v2/') }), {
    code: 'unavailable',
    message: /dial tcp/,
  });
  assert.ok(performance.now() - started < 5000);
});
