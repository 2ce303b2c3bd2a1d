import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { parseReference } from '#model/oci/reference.ts';
import { createRegistry, type Registry } from './registry.ts';
import { createTransport, type Transport } from './transport.ts';

const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  config: { mediaType: 'x', digest: `sha256:${'1'.repeat(64)}`, size: 1 },
  layers: [],
});
let transport: Transport;
let servers: Server[];
beforeEach(() => {
  transport = createTransport({ connectTimeoutMs: 1000 });
  servers = [];
});
afterEach(async () => {
  transport[Symbol.dispose]();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const withMirrors = (...hosts: string[]): Registry =>
  createRegistry({ transport, registryMirrors: hosts.map((host) => `http://${host}`), insecureRegistries: [] });
const NODE = parseReference('node:20');
const missing: RequestListener = (_request, response) =>
  void response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');

test("mirrors are tried in order, without the user's credentials", async () => {
  const seen: string[] = [];
  const first = await serve((request, response) => {
    seen.push(`first ${request.url} ${request.headers.authorization}`);
    missing(request, response);
  });
  const second = await serve((request, response) => {
    seen.push(`second ${request.url} ${request.headers.authorization}`);
    response.end(MANIFEST);
  });
  const found = await withMirrors(first, second).find(NODE, { registrytoken: 'secret' });
  assert.equal(found.bytes.toString(), MANIFEST);
  assert.deepEqual(
    seen,
    ['first', 'second'].map((name) => `${name} /v2/library/node/manifests/20 undefined`),
  );
});

test('what is nowhere is not found, whether the registry itself could be asked or not', async () => {
  const mirror = await serve(missing);
  const search = withMirrors(mirror).find(parseReference('slipway-tests/nowhere:1'));
  // Where there is no way to it, the mirror's answer counts, and both are told.
  const message =
    /^manifest unknown: manifest unknown \(asked only the mirror: .*\)$|^(denied|unauthorized|name unknown): /;
  await assert.rejects(search, (error: { code: string; message: string }) => {
    assert.match(error.message, message);
    assert.match(error.code, /^(not-found|forbidden)$/);
    return true;
  });
});

test('a mirror that is down is passed over', async () => {
  const up = await serve((_request, response) => void response.end(MANIFEST));
  assert.equal((await withMirrors('127.0.0.1:1', up).find(NODE)).bytes.toString(), MANIFEST);
});

test('other registries have no mirrors, and are asked with the credentials', async () => {
  const seen: (string | undefined)[] = [];
  const host = await serve((request, response) => {
    if (request.url !== '/v2/') seen.push(request.headers.authorization);
    response.end(MANIFEST);
  });
  const registry = withMirrors('127.0.0.1:1');
  await registry.find(parseReference(`${host}/a:1`), { registrytoken: 'mine' });
  await registry.find(parseReference(`${host}/a:1`), {});
  assert.deepEqual(seen, ['Bearer mine', undefined]);
});

test('a cancelled search asks nobody else', async () => {
  let asked = 0;
  const controller = new AbortController();
  const host = await serve(() => {
    asked++;
    controller.abort();
  });
  const search = withMirrors(host, host).find(NODE, {}, controller.signal);
  await assert.rejects(search, { code: 'cancelled' });
  assert.equal(asked, 1);
});

test('what was found on a mirror can be looked for on the endpoints after it', async () => {
  const asked: string[] = [];
  const answering =
    (name: string): RequestListener =>
    (_request, response) => {
      asked.push(name);
      response.end(MANIFEST);
    };
  const first = await serve(answering('first'));
  const second = await serve(answering('second'));
  const found = await withMirrors(first, second).find(NODE);
  assert.deepEqual(asked, ['first']);
  const again = await found.fallback?.();
  assert.deepEqual(asked, ['first', 'second']);
  assert.equal(again?.bytes.toString(), MANIFEST);
  const only = await withMirrors(first).find(parseReference(`${second}/a:1`));
  assert.equal(only.fallback, undefined);
});
