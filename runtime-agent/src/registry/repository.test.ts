import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, test } from 'node:test';
import type { Digest } from '#model/oci/digest.ts';
import { MEDIA_TYPES } from '#model/oci/manifest.ts';
import { PATIENT } from './patient-send.ts';
import { openRepository, type Repository } from './repository.ts';
import { createTransport, type Transport } from './transport.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

let transport: Transport;
let servers: Server[];
beforeEach(() => {
  transport = createTransport();
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

/** A server that answers like that; gives its URL. */
async function serve(handler: Handler): Promise<string> {
  const server = createServer((request, response) => {
    void buffer(request).then((body) => handler(request, response, body));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function repository(handler: Handler, credentials = {}, patience = PATIENT): Promise<Repository> {
  const endpoint = { base: await serve(handler), insecure: true, mirror: false };
  return openRepository({ transport, endpoint, path: 'team/app', credentials, patience });
}

const sha256 = (bytes: string): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const descriptor = { mediaType: 'x', digest: sha256('c'), size: 1 };
const MANIFEST = JSON.stringify({ schemaVersion: 2, config: descriptor, layers: [] });
const errors = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });

test('a registry that says another digest than that of what it sends is not believed', async () => {
  const one = await repository((_request, response) => {
    response.setHeader('docker-content-digest', sha256('another')).end(MANIFEST);
  });
  const message = new RegExp(`says that manifests/1 of .* is ${sha256('another')}, and sends ${sha256(MANIFEST)}`);
  await assert.rejects(one.manifest('1'), { code: 'invalid', message });
});

test('a manifest is asked for in all forms, and its digest is that of its bytes', async () => {
  const seen: (string | undefined)[] = [];
  const one = await repository(({ url, headers }, response) => {
    seen.push(url, headers.accept);
    response.setHeader('content-type', MEDIA_TYPES.ociManifest).end(MANIFEST);
  });
  const found = await one.manifest('1.0');
  assert.deepEqual([found.digest, found.manifest.kind, found.bytes.toString()], [sha256(MANIFEST), 'image', MANIFEST]);
  assert.equal(seen[0], '/v2/team/app/manifests/1.0');
  for (const type of [MEDIA_TYPES.dockerManifest, MEDIA_TYPES.dockerList, MEDIA_TYPES.ociIndex])
    assert.ok(seen[1]?.includes(type));
  await one.manifest(sha256(MANIFEST));
  await assert.rejects(one.manifest(sha256('other')), {
    code: 'invalid',
    message: `manifest verification failed for digest ${sha256('other')}`,
  });
});

test("refusals keep the registry's words and say what kind they are", async () => {
  const cases: readonly (readonly [number, string, string, RegExp])[] = [
    [404, errors('MANIFEST_UNKNOWN', 'manifest unknown'), 'not-found', /^manifest unknown: manifest unknown$/],
    [404, errors('NAME_UNKNOWN', 'no such repository'), 'not-found', /^name unknown: no such repository$/],
    [404, '<html>', 'internal', /^unknown: the registry answered 404 Not Found$/],
    [403, errors('DENIED', 'requested access to the resource is denied'), 'forbidden', /^denied: requested access/],
    [403, '', 'forbidden', /^denied: requested access/],
    [401, errors('UNAUTHORIZED', 'go away'), 'unauthorized', /^unauthorized: go away$/],
    [400, errors('NAME_INVALID', ''), 'invalid', /^name invalid: invalid repository name$/],
    [400, errors('OWN_WORD', 'because'), 'internal', /^unknown: because$/],
    [405, errors('UNSUPPORTED', 'not this'), 'unsupported', /^unsupported: not this$/],
    [418, 'teapot', 'internal', /^unknown: teapot$/],
    [500, 'oh', 'unavailable', /^received unexpected HTTP status: 500 Internal Server Error$/],
    [200, 'not JSON', 'invalid', /not JSON/],
  ];
  for (const [status, body, code, message] of cases) {
    const one = await repository((_request, response) => response.writeHead(status).end(body));
    await assert.rejects(one.manifest('1'), { code, message }, body);
  }
  const narrow = await repository(({ url = '', headers }, response) => {
    if (url.startsWith('/token')) return void response.end('{"token":"t"}');
    const challenge = `Bearer realm="http://${headers.host}/token",error="insufficient_scope"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end(errors('UNAUTHORIZED', 'authentication required'));
  });
  const denied = 'denied: requested access to the resource is denied';
  await assert.rejects(narrow.manifest('1'), { code: 'forbidden', message: denied });
  const known = await repository(
    (_request, response) => response.writeHead(429).end(errors('TOOMANYREQUESTS', 'slow down')),
    {},
    { delaysMs: [1], longestMs: 0 },
  );
  await assert.rejects(known.manifest('1'), { code: 'too-many-requests', message: 'toomanyrequests: slow down' });
});

test('blobs from an offset on, where the registry can', async () => {
  const ranges = await repository(({ headers }, response) => {
    const from = Number(headers.range?.slice(6, -1) ?? 0);
    response.writeHead(from > 0 ? 206 : 200).end('0123456789'.slice(from));
  });
  const rest = await ranges.blob(sha256('b'), 4);
  assert.deepEqual([rest.offset, (await buffer(rest.stream)).toString()], [4, '456789']);
  const cannot = await repository((_request, response) => response.end('0123456789'));
  const whole = await cannot.blob(sha256('b'), 4);
  assert.deepEqual([whole.offset, (await buffer(whole.stream)).toString()], [0, '0123456789']);
  const missing = await repository((_request, response) =>
    response.writeHead(404).end(errors('BLOB_UNKNOWN', 'blob unknown to registry')),
  );
  await assert.rejects(missing.blob(sha256('b'), 0), { code: 'not-found', message: 'unknown blob' });
});

test('redirects are followed, and credentials do not leave the registry', async () => {
  const authorizations: (string | undefined)[] = [];
  const storage = await serve(({ headers }, response) => {
    authorizations.push(headers.authorization);
    response.end('content');
  });
  const one = await repository(
    ({ headers }, response) => {
      authorizations.push(headers.authorization);
      response.writeHead(307, { location: `${storage}/elsewhere` }).end();
    },
    { registrytoken: 'secret' },
  );
  const { stream } = await one.blob(sha256('b'), 0);
  assert.equal((await buffer(stream)).toString(), 'content');
  assert.deepEqual(authorizations, ['Bearer secret', undefined]);
  const circle = await repository(({ url = '' }, response) => response.writeHead(302, { location: url }).end());
  await assert.rejects(circle.blob(sha256('b'), 0), { code: 'unavailable', message: /too many redirects/ });
});

test('tags come in pages, which have an end; what is no list of tags is said', async () => {
  const pages: readonly (readonly [string, string?])[] = [
    ['{"tags":["a","b"]}', '</v2/team/app/tags/list?last=b>; rel="next"'],
    ['{"tags":["c"]}', '</v2/team/app/tags/list?last=b>; rel="next"'],
  ];
  let asked = 0;
  const one = await repository((_request, response) => {
    const [body, link] = pages[asked++] ?? ['{"tags":["again"]}'];
    response.writeHead(200, link === undefined ? {} : { link }).end(body);
  });
  assert.deepEqual([await one.tags(), asked], [['a', 'b', 'c'], 2]);
  const html = await repository((_request, response) => void response.end('<html>'));
  const message = 'tags of team/app: the registry did not answer in JSON';
  await assert.rejects(html.tags(), { code: 'unavailable', message });
});

test('a registry that sends elsewhere, to no URL', async () => {
  for (const location of ['http://[', 'ftp://127.0.0.1/x', 'file:///etc/passwd']) {
    const one = await repository((_request, response) => response.writeHead(307, { location }).end());
    const message = /^http:\/\/127\.0\.0\.1:\d+ sends elsewhere, to what is no URL: /;
    await assert.rejects(one.blob(sha256('b'), 0), { code: 'unavailable', message });
  }
});

test('a challenge is answered once, with what there is', async () => {
  const seen: (string | undefined)[] = [];
  const guarded: Handler = ({ headers }, response) => {
    seen.push(headers.authorization);
    if (headers.authorization === `Basic ${Buffer.from('u:right').toString('base64')}`)
      return void response.end(MANIFEST);
    response
      .writeHead(401, { 'www-authenticate': 'Basic realm="r"' })
      .end(errors('UNAUTHORIZED', 'authentication required'));
  };
  const right = await repository(guarded, { username: 'u', password: 'right' });
  await right.manifest('1');
  await right.manifest('1');
  assert.equal(seen.filter((header) => header === undefined).length, 1, 'known from then on');
  const wrong = await repository(guarded, { username: 'u', password: 'wrong' });
  await assert.rejects(wrong.manifest('1'), { code: 'unauthorized', message: 'unauthorized: authentication required' });
  const nobody = await repository(guarded);
  await assert.rejects(nobody.manifest('1'), {
    message: /^Get "http:.*\/v2\/team\/app\/manifests\/1": no basic auth credentials$/,
  });
});

test('an upload begins, streams and ends with the digest; relative locations count', async () => {
  const seen: string[] = [];
  const one = await repository(({ method = '', url = '' }, response, body) => {
    seen.push(`${method} ${url} ${body}`);
    if (method === 'POST') response.writeHead(202, { location: '/v2/team/app/blobs/uploads/1?state=a' }).end();
    else if (method === 'PATCH') response.writeHead(202, { location: '/v2/team/app/blobs/uploads/1?state=b' }).end();
    else response.writeHead(201).end();
  });
  await one.uploadBlob(Readable.from(['hel', 'lo']), () => sha256('hello'));
  assert.deepEqual(seen, [
    'POST /v2/team/app/blobs/uploads/ ',
    'PATCH /v2/team/app/blobs/uploads/1?state=a hello',
    `PUT /v2/team/app/blobs/uploads/1?state=b&digest=${encodeURIComponent(sha256('hello'))} `,
  ]);
});

test('a blob in one request', async () => {
  const seen: string[] = [];
  const one = await repository(({ method = '', url = '', headers }, response, body) => {
    seen.push(`${method} ${url} ${headers['content-length']} ${body}`);
    response.writeHead(method === 'POST' ? 202 : 201, { location: '/v2/team/app/blobs/uploads/1?state=a' }).end();
  });
  await one.putBlob({ digest: sha256('hello'), size: 5, body: Buffer.from('hello') });
  const put = `PUT /v2/team/app/blobs/uploads/1?state=a&digest=${encodeURIComponent(sha256('hello'))} 5 hello`;
  assert.deepEqual(seen.slice(1), [put]);
});

test('a manifest by a sha512 digest is checked by that', async () => {
  const sha512: Digest = `sha512:${createHash('sha512').update(MANIFEST).digest('hex')}`;
  const one = await repository((_request, response) => void response.end(MANIFEST));
  assert.equal((await one.manifest(sha512)).digest, sha512);
  const other = `${sha512.slice(0, -1)}${sha512.endsWith('0') ? '1' : '0'}`;
  await assert.rejects(one.manifest(other), { message: `manifest verification failed for digest ${other}` });
});

test('mounting, asking and refusing', async () => {
  const cancelled: string[] = [];
  const one = await repository(({ method = '', url = '' }, response) => {
    if (method === 'HEAD') response.writeHead(url.includes(sha256('here')) ? 200 : 404).end();
    else if (url.includes('mount=')) response.writeHead(url.includes('from=lib%2Fok') ? 201 : 202).end();
    else if (method === 'PUT')
      response.writeHead(403).end(errors('DENIED', 'requested access to the resource is denied'));
  });
  assert.deepEqual([await one.hasBlob(sha256('here')), await one.hasBlob(sha256('gone'))], [true, false]);
  assert.deepEqual(
    [await one.mountBlob(sha256('x'), 'lib/ok'), await one.mountBlob(sha256('x'), 'lib/no')],
    [true, false],
  );
  assert.equal(cancelled.length, 0, 'as it gave no address');
  const opens = await repository(({ method = '', url = '' }, response) => {
    if (method === 'DELETE') cancelled.push(url);
    response.writeHead(method === 'POST' ? 202 : 204, { location: '/v2/team/app/blobs/uploads/7' }).end();
  });
  assert.equal(await opens.mountBlob(sha256('x'), 'lib/no'), false);
  assert.deepEqual(cancelled, ['/v2/team/app/blobs/uploads/7'], 'what the registry opened instead');
  const put = one.putManifest('1', Buffer.from(MANIFEST), MEDIA_TYPES.ociManifest);
  await assert.rejects(put, { code: 'forbidden', message: 'denied: requested access to the resource is denied' });
});

test('a token that expires during an upload is renewed, and who uploads begins again', async () => {
  let token = 'first';
  const one = await repository(({ url = '', method, headers }, response) => {
    if (url.startsWith('/token')) return void response.end(JSON.stringify({ token, expires_in: 300 }));
    if (headers.authorization !== `Bearer ${token}`) {
      const realm = `http://${headers.host}/token`;
      return void response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="${realm}",service="s"` }).end();
    }
    if (method === 'POST') {
      response.writeHead(202, { Location: '/v2/team/app/blobs/uploads/1' }).end();
      if (token === 'first') token = 'second';
      return;
    }
    response.writeHead(method === 'PATCH' ? 202 : 201, { Location: '/v2/team/app/blobs/uploads/1' }).end();
  });
  const upload = (): Promise<void> => one.uploadBlob(Readable.from([Buffer.from('data')]), () => sha256('data'));
  await assert.rejects(upload(), { code: 'unavailable', message: /the token expired on the way/ });
  await upload();
});

test('a blob that is not as long as announced says so at once', async () => {
  const one = await repository((_request, response) => void response.writeHead(416).end());
  await assert.rejects(one.blob(sha256('x'), 5), { code: 'invalid', message: /ends after 5 bytes/ });
});
