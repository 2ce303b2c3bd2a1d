import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import type { EngineError } from '#model/engine-api/errors.ts';
import { type Challenged, createAuthorizer } from './authorizer.ts';
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

const challenged = (header: string, sent?: string): Challenged => ({ header, sent, asked: 'Get "http://r/v2/"' });
const challenge = (): Challenged =>
  challenged(`Bearer realm="http://127.0.0.1:${(server.address() as AddressInfo).port}/token",service="S"`);
const authorizer = (credentials: RegistryCredentials) => createAuthorizer({ transport, credentials, insecure: false });
const SCOPE = 'repository:a/b:pull';

test('a token is fetched for the scope, with the password, and kept for that scope', async () => {
  const one = authorizer({ username: 'u', password: 'p' });
  assert.equal(one.header(SCOPE), undefined);
  await one.answer(challenge(), SCOPE);
  assert.deepEqual([one.header(SCOPE), one.header('repository:a/b:pull,push')], ['Bearer T', undefined]);
  const basic = `Basic ${Buffer.from('u:p').toString('base64')}`;
  assert.deepEqual(asked, [
    { method: 'GET', query: `?service=S&scope=${SCOPE}&account=u`, body: '', authorization: basic },
  ]);
});

test('several scopes are several parameters', async () => {
  await authorizer({}).answer(challenge(), `${SCOPE} repository:c/d:pull`);
  assert.equal(asked[0]?.query, `?service=S&scope=${SCOPE}&scope=repository:c/d:pull`);
});

test('a token for the next login is asked for where one is wanted', async () => {
  answer.body = JSON.stringify({ token: 'T', refresh_token: 'next' });
  const given: string[] = [];
  const onIdentityToken = (token: string): void => void given.push(token);
  const one = createAuthorizer({ transport, credentials: { username: 'u' }, insecure: false, onIdentityToken });
  await one.answer(challenge(), '');
  assert.equal(asked[0]?.query, '?service=S&account=u&offline_token=true&client_id=slipway');
  assert.deepEqual(given, ['next']);
});

test('nobody gets a token too', async () => {
  await authorizer({}).answer(challenge(), SCOPE);
  assert.equal(asked[0]?.authorization, undefined);
});

test('a refresh token is exchanged, the OAuth2 way', async () => {
  answer.body = JSON.stringify({ access_token: 'A' });
  const one = authorizer({ identitytoken: 'refresh' });
  await one.answer(challenge(), SCOPE);
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
    [401, '{"details":"incorrect password"}', 'unauthorized', /^unauthorized: incorrect password$/],
    [401, '{"errors":[{"code":"UNAUTHORIZED","message":"go away"}]}', 'unauthorized', /^unauthorized: go away$/],
    [403, '{"errors":[{"code":"DENIED","message":"not you"}]}', 'forbidden', /^denied: not you$/],
    [429, '', 'too-many-requests', /^toomanyrequests: too many requests$/],
    [400, 'bad scope', 'internal', /^unknown: bad scope$/],
    [
      500,
      '',
      'unavailable',
      /^received unexpected HTTP status: 500 .* \(by the token server http:\/\/127\.0\.0\.1:\d+\)$/,
    ],
    [200, 'no JSON', 'internal', /^unable to decode token response: it is not JSON/],
    [200, String.raw`{"token":"a\nX-Other: b"}`, 'internal', /^authorization server did not include a token/],
    [200, '{}', 'internal', /^authorization server did not include a token in the response$/],
  ];
  const refuses = async (asked: Challenged, code: string, message: RegExp): Promise<void> => {
    await assert.rejects(authorizer({}).answer(asked, SCOPE), (error: EngineError) => {
      const [named, said] = [error.message.slice(0, 18), error.message.slice(20)];
      assert.deepEqual([error.code, named], [code, 'Get "http://r/v2/"']);
      assert.match(said, message);
      return true;
    });
  };
  for (const [status, body, code, message] of cases) {
    answer = { status, body };
    await refuses(challenge(), code, message);
  }
  await refuses(challenged('Bearer realm="nowhere"'), 'internal', /is no URL/);
  await refuses(challenged('Bearer service="s"'), 'internal', /^no realm specified for token auth challenge$/);
});

test('a password that was refused is not sent again; one that had not been sent yet is no refusal', async () => {
  const one = authorizer({ username: 'u', password: 'p' });
  const basic = 'Basic realm="x"';
  assert.equal(await one.answer(challenged(basic), SCOPE), true);
  assert.match(one.header(SCOPE) ?? '', /^Basic /);
  assert.equal(await one.answer(challenged(basic), SCOPE), true, 'of a request that was on its way already');
  assert.equal(await one.answer(challenged(basic, one.header(SCOPE)), SCOPE), false);
  const none = { message: 'Get "http://r/v2/": no basic auth credentials' };
  await assert.rejects(authorizer({}).answer(challenged(basic), SCOPE), none);
  assert.equal(await authorizer({ username: 'u' }).answer(challenged('Negotiate'), SCOPE), false);
});
