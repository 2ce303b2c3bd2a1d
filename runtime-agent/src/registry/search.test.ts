import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { type SearchResult, searchImages } from './search.ts';
import { createTransport, type Transport } from './transport.ts';

let transport: Transport;
let closers: (() => Promise<unknown>)[];
beforeEach(() => {
  transport = createTransport({ connectTimeoutMs: 500 });
  closers = [];
});
afterEach(async () => {
  transport[Symbol.dispose]();
  for (const close of closers) await close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
    return once(server, 'close');
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function search(term: string, mirrors: readonly string[] = [], limit = 25): Promise<readonly SearchResult[]> {
  const registryMirrors = mirrors.map((host) => `http://${host}`);
  const signal = AbortSignal.timeout(10_000);
  const dependencies = { transport, registryMirrors, insecureRegistries: [] };
  return await searchImages(dependencies, { term, limit, credentials: { username: 'a', password: 'b' }, signal });
}

const named = (name: string, is_official = false): SearchResult => ({
  name,
  description: '',
  star_count: 0,
  is_official,
  is_automated: false,
});

test('a registry with the first search is asked that way', async () => {
  let asked = '';
  const results = [{ name: 'a/x', description: 'd', star_count: 3, is_official: true, is_automated: true }, { no: 1 }];
  const host = await serve((request, response) => {
    asked = request.url ?? '';
    response.end(JSON.stringify({ results }));
  });
  const found = await search(`${host}/some/x`, [], 7);
  assert.equal(asked, '/v1/search?q=some%2Fx&n=7');
  assert.deepEqual(found, [{ ...results[0], is_automated: false }]);
});

/** Knows no search; its catalogue has two pages, for who says the password. */
function catalogue(request: IncomingMessage, response: ServerResponse): void {
  const page = (repositories: string[], link?: string): void =>
    void response.writeHead(200, link === undefined ? {} : { Link: link }).end(JSON.stringify({ repositories }));
  if (request.url?.startsWith('/v1')) response.writeHead(404).end('404 page not found');
  else if (request.headers.authorization === undefined)
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
  else if (request.url?.includes('last')) page(['other', 'team/node-tools']);
  else page(['library/node', 'python'], '</v2/_catalog?last=python&n=1000>; rel="next"');
}

test('one without is asked for its catalogue, all pages of it, with the password', async () => {
  const host = await serve(catalogue);
  assert.deepEqual(await search(`${host}/node`), [named('library/node'), named('team/node-tools')]);
  assert.deepEqual(await search(`${host}/node`, [], 1), [named('library/node')]);
});

test('where the Hub cannot be reached, its mirrors are asked', { skip: onTheInternet() }, async () => {
  const one = await serve((_request, response) => response.end('{"repositories":["library/node","b/node"]}'));
  const two = await serve((_request, response) => response.end('{"repositories":["b/node","c/node"]}'));
  const broken = await serve((_request, response) => void response.writeHead(500).end());
  const found = await search('node', [one, broken, two]);
  assert.deepEqual(found, [named('node', true), named('b/node'), named('c/node')]);
  await assert.rejects(search('node', [broken]), { code: 'internal', message: /index\.docker\.io/ });
});

/** The Hub itself would answer. */
function onTheInternet(): string | false {
  return process.env['SLIPWAY_TEST_INTERNET'] === '1' ? 'Docker Hub can be reached from here' : false;
}

test('what is no term, and a registry that fails', async () => {
  await assert.rejects(search('https://x/y'), {
    code: 'invalid',
    message: 'invalid repository name: repository name (https://x/y) should not have a scheme',
  });
  const host = await serve((_request, response) => void response.writeHead(503).end());
  await assert.rejects(search(`${host}/x`), { code: 'internal', message: 'Unexpected status code 503' });
  const page = await serve((_request, response) => void response.end('<html>'));
  await assert.rejects(search(`${page}/x`), { code: 'internal', message: /^error decoding registry search results: / });
  await assert.rejects(search('127.0.0.1:1/x'), { code: 'internal', message: /connection refused/ });
});
