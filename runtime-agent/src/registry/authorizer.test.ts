import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import { createAuthorizer } from './authorizer.ts';
import type { RegistryCredentials } from './credentials.ts';
import { createTransport, type Transport } from './transport.ts';

interface Asked {
  readonly method: string;
  readonly query: string;
  readonly body: string;
  readonly authorization: string | undefined;
}

let server: Server;
let transport: Transport;
let asked: Asked[];
let answer: { status: number; body: string };
before(async () => {
  transport = createTransport();
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const query = decodeURIComponent(new URL(request.url ?? '', 'http://x').search);
      asked.push({ method: request.method ?? '', query, body, authorization: request.headers.authorization });
      response.writeHead(answer.status).end(answer.body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(async () => {
  transport[Symbol.dispose]();
  server.close();
  await once(server, 'close');
});
beforeEach(() => {
  asked = [];
  answer = { status: 200, body: JSON.stringify({ token: 'T', expires_in: 300 }) };
});

const challenge = (): string =>
  `Bearer realm="http://127.0.0.1:${(server.address() as AddressInfo).port}/token",service="S"`;
const authorizer = (credentials: RegistryCredentials) => createAuthorizer({ transport, credentials, insecure: false });
const SCOPE = 'repository:a/b:pull';

test('a token is fetched for the scope, with the password, and kept for that scope', async () => {
  const one = authorizer({ username: 'u', password: 'p' });
  assert.equal(one.header(SCOPE), undefined);
  await one.answer(challenge(), SCOPE, undefined);
  assert.deepEqual([one.header(SCOPE), one.header('repository:a/b:pull,push')], ['Bearer T', undefined]);
  const basic = `Basic ${Buffer.from('u:p').toString('base64')}`;
  assert.deepEqual(asked, [
    { method: 'GET', query: `?service=S&scope=${SCOPE}&account=u`, body: '', authorization: basic },
  ]);
});

test('several scopes are several parameters', async () => {
  await authorizer({}).answer(challenge(), `${SCOPE} repository:c/d:pull`, undefined);
  assert.equal(asked[0]?.query, `?service=S&scope=${SCOPE}&scope=repository:c/d:pull`);
});

test('a token for the next login is asked for where one is wanted', async () => {
  answer.body = JSON.stringify({ token: 'T', refresh_token: 'next' });
  const given: string[] = [];
  const onIdentityToken = (token: string): void => void given.push(token);
  const one = createAuthorizer({ transport, credentials: { username: 'u' }, insecure: false, onIdentityToken });
  await one.answer(challenge(), '', undefined);
  assert.equal(asked[0]?.query, '?service=S&account=u&offline_token=true&client_id=slipway');
  assert.deepEqual(given, ['next']);
});

test('nobody gets a token too', async () => {
  await authorizer({}).answer(challenge(), SCOPE, undefined);
  assert.equal(asked[0]?.authorization, undefined);
});

test('a refresh token is exchanged, the OAuth2 way', async () => {
  answer.body = JSON.stringify({ access_token: 'A' });
  const one = authorizer({ identitytoken: 'refresh' });
  await one.answer(challenge(), SCOPE, undefined);
  assert.equal(one.header(SCOPE), 'Bearer A');
  const form = new URLSearchParams(asked[0]?.body);
  assert.deepEqual(
    [asked[0]?.method, form.get('grant_type'), form.get('refresh_token'), form.get('scope')],
    ['POST', 'refresh_token', 'refresh', SCOPE],
  );
});

test('a token that the client brought is used as it is', () => {
  assert.equal(authorizer({ registrytoken: 'R' }).header(SCOPE), 'Bearer R');
});

test('token servers that refuse, fail or talk nonsense are told apart', async () => {
  const cases: readonly (readonly [number, string, string, RegExp])[] = [
    [401, '', 'unauthorized', /^unauthorized: authentication required$/],
    [
      401,
      '{"details":"incorrect username or password"}',
      'unauthorized',
      /^unauthorized: incorrect username or password$/,
    ],
    [401, '{"errors":[{"code":"UNAUTHORIZED","message":"go away"}]}', 'unauthorized', /^unauthorized: go away$/],
    [403, '{"errors":[{"code":"DENIED","message":"not you"}]}', 'forbidden', /^denied: not you$/],
    [500, '', 'unavailable', /token server http:\/\/127\.0\.0\.1:\d+ answered 500/],
    [200, 'no JSON', 'unavailable', /did not answer in JSON/],
    [200, '{}', 'unavailable', /gave no token/],
  ];
  for (const [status, body, code, message] of cases) {
    answer = { status, body };
    await assert.rejects(authorizer({}).answer(challenge(), SCOPE, undefined), { code, message });
  }
  await assert.rejects(authorizer({}).answer('Bearer realm="nowhere"', SCOPE, undefined), {
    code: 'unavailable',
    message: /is no URL/,
  });
});

test('a password that was refused is not sent again; one that had not been sent yet is no refusal', async () => {
  const one = authorizer({ username: 'u', password: 'p' });
  await one.answer('Basic realm="x"', SCOPE, undefined);
  assert.match(one.header(SCOPE) ?? '', /^Basic /);
  await one.answer('Basic realm="x"', SCOPE, undefined); // of a request that was on its way already
  await assert.rejects(one.answer('Basic realm="x"', SCOPE, one.header(SCOPE)), { code: 'unauthorized' });
  const none = { message: 'no basic auth credentials' };
  await assert.rejects(authorizer({}).answer('Basic realm="x"', SCOPE, undefined), none);
  await assert.rejects(authorizer({ username: 'u' }).answer('Negotiate', SCOPE, undefined), none);
});
