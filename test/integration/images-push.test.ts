/** `docker push` and `docker login` against a real registry, with and without passwords, tokens and TLS. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Registry, startRegistry } from '../../tools/world/registry.ts';
import { callSocket } from '../support/call-socket.ts';
import { docker, tryDocker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { pushImage } from '../support/registry-image.ts';
import { startRegistryProxy } from '../support/registry-proxy.ts';
import { handMadeTar } from '../support/tar-builder.ts';

let registry: Registry;
let engine: TestEngine;
let directory: string;
/** Of tester with the password `secret`, bcrypt with 32 rounds. */
const HTPASSWD = 'tester:$2y$05$tA5d9AnrH4B38LQqOBdROeEfYqMzQ1gLpLVr6xNhZUG4RUnL6Msfy\n';

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-push-'));
  registry = await startRegistry();
  engine = await startTestEngine({ mirror: false });
  await docker(engine, 'import', await tarFile('one', [{ name: 'one', data: 'x'.repeat(5000) }]), 'made:1');
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function tarFile(name: string, entries: Parameters<typeof handMadeTar>[0]): Promise<string> {
  const file = path.join(directory, `${name}.tar`);
  await writeFile(file, handMadeTar(entries));
  return file;
}

type Message = Readonly<Record<string, unknown>>;

async function push(repository: string, query: string, auth: object = {}): Promise<Message[]> {
  const headers = { 'x-registry-auth': Buffer.from(JSON.stringify(auth)).toString('base64url') };
  const answer = await callSocket(engine.socket, 'POST', `/images/${repository}/push${query}`, undefined, headers);
  assert.equal(answer.status, 200, answer.text);
  return answer.text
    .trim()
    .split('\r\n')
    .map((line) => JSON.parse(line) as Message);
}

const statuses = (messages: readonly Message[]): string[] => messages.map(({ status }) => String(status));

test('a pushed image can be pulled again, under the digest that push said', async () => {
  const name = `${registry.host}/team/made`;
  await docker(engine, 'tag', 'made:1', `${name}:1`);
  const messages = await push(name, '?tag=1');
  assert.deepEqual(statuses(messages).slice(0, 2), [`The push refers to repository [${name}]`, 'Preparing']);
  assert.ok(statuses(messages).includes('Pushed'));
  const { aux } = messages.at(-1) as { aux: { Tag: string; Digest: string; Size: number } };
  assert.equal(statuses(messages).at(-2), `1: digest: ${aux.Digest} size: ${aux.Size}`);
  const id = (await docker(engine, 'image', 'inspect', '-f', '{{.Id}}', 'made:1')).stdout;
  await docker(engine, 'rmi', '-f', id.trim());
  const { stdout } = await docker(engine, 'pull', `${name}@${aux.Digest}`);
  assert.match(stdout, new RegExp(`Digest: ${aux.Digest}`));
  assert.equal((await docker(engine, 'image', 'inspect', '-f', '{{.Id}}', `${name}@${aux.Digest}`)).stdout, id);
  await docker(engine, 'tag', id.trim(), 'made:1');
});

test('what the registry has is not sent again, and neighbours lend their layers', async () => {
  await using proxy = await startRegistryProxy(registry.url);
  const uploads = (): number => proxy.seen.filter(({ method }) => method === 'PATCH').length;
  const name = `${proxy.host}/lend/a`;
  await docker(engine, 'tag', 'made:1', `${name}:1`);
  await push(name, '?tag=1');
  assert.equal(uploads(), 1, 'the layer; the configuration goes in one piece');
  const again = await push(name, '?tag=1');
  assert.ok(statuses(again).includes('Layer already exists'));
  await docker(engine, 'tag', 'made:1', `${proxy.host}/lend/b:1`);
  const mounted = await push(`${proxy.host}/lend/b`, '?tag=1');
  assert.ok(statuses(mounted).includes('Mounted from lend/a'), statuses(mounted).join('\n'));
  assert.equal(uploads(), 1, 'nothing more');
});

test('a registry that takes no blob in pieces gets it in one', async () => {
  await using proxy = await startRegistryProxy(registry.url, {
    before({ method }, outgoing) {
      if (method !== 'PATCH') return false;
      outgoing.writeHead(405).end('{"errors":[{"code":"UNSUPPORTED"}]}');
      return true;
    },
  });
  const name = `${proxy.host}/whole/made`;
  await docker(engine, 'tag', 'made:1', `${name}:1`);
  assert.ok(statuses(await push(name, '?tag=1')).includes('Pushed'), 'compressed for it');
  const layers = [handMadeTar([{ name: 'w', data: 'w' }])];
  await pushImage(registry.url, 'origin/whole:1', { layers, compression: 'zstd' });
  await docker(engine, 'pull', `${registry.host}/origin/whole:1`);
  await docker(engine, 'tag', `${registry.host}/origin/whole:1`, `${proxy.host}/whole/kept:1`);
  assert.ok(statuses(await push(`${proxy.host}/whole/kept`, '?tag=1')).includes('Pushed'), 'as it came');
  await docker(engine, 'rmi', `${name}:1`);
  await docker(engine, 'pull', `${registry.host}/whole/made:1`);
});

test('an image that was pulled is pushed with the manifest that it came with', async () => {
  const image = await pushImage(registry.url, 'origin/app:1', {
    layers: [handMadeTar([{ name: 'o', data: 'o' }])],
    compression: 'zstd',
  });
  await docker(engine, 'pull', `${registry.host}/origin/app:1`);
  await docker(engine, 'tag', `${registry.host}/origin/app:1`, `${registry.host}/copy/app:2`);
  const messages = await push(`${registry.host}/copy/app`, '?tag=2');
  assert.equal((messages.at(-1) as { aux: { Digest: string } }).aux.Digest, image.manifest.digest);
});

test('all tags of a repository', async () => {
  for (const tag of ['a', 'b']) await docker(engine, 'tag', 'made:1', `${registry.host}/all/made:${tag}`);
  const since = Date.now() / 1000;
  const { stdout } = await docker(engine, 'push', '--all-tags', `${registry.host}/all/made`);
  const filters = encodeURIComponent('{"event":["push"]}');
  const events = await engine.call(
    'GET',
    `/events?since=${since}&until=${Date.now() / 1000 + 0.001}&filters=${filters}`,
  );
  assert.equal(events.json<{ Actor: { ID: string } }>().Actor.ID, `${registry.host}/all/made`, 'one, without a tag');
  assert.match(stdout, /^a: digest: sha256:/m);
  assert.match(stdout, /^b: digest: sha256:/m);
});

test('an image that is not here, a registry that is not there', async () => {
  const missing = await push('nope', '?tag=1');
  assert.deepEqual(missing.at(0), { status: 'The push refers to repository [docker.io/library/nope]' });
  assert.equal(missing.at(-1)?.['error'], 'An image does not exist locally with the tag: nope');
  await docker(engine, 'tag', 'made:1', '127.0.0.1:1/x:1');
  assert.match(String((await push('127.0.0.1:1/x', '?tag=1')).at(-1)?.['error']), /connection refused/);
  assert.equal((await push('127.0.0.1:1/x', '?tag=2')).at(-1)?.['error'], 'tag does not exist: 127.0.0.1:1/x:2');
});

test('a registry with a password: login, push, pull, and refusals in words of dockerd', async () => {
  const htpasswd = path.join(directory, 'htpasswd');
  await writeFile(htpasswd, HTPASSWD);
  await using guarded = await startRegistry({ htpasswd });
  const name = `${guarded.host}/private/made:1`;
  await docker(engine, 'tag', 'made:1', name);
  const config = path.join(directory, 'config');
  const env = { DOCKER_CONFIG: config };
  const refused = await tryDocker(engine, ['push', name], { env });
  assert.match(refused.stderr, /no basic auth credentials/);
  const wrong = await tryDocker(engine, ['login', '-u', 'tester', '--password-stdin', guarded.host], {
    env,
    input: 'wrong',
  });
  assert.match(wrong.stderr, /login attempt to http:\/\/127\.0\.0\.1:\d+\/v2\/ failed with status: 401 Unauthorized/);
  const login = await tryDocker(engine, ['login', '-u', 'tester', '--password-stdin', guarded.host], {
    env,
    input: 'secret',
  });
  assert.match(login.stdout, /Login Succeeded/);
  assert.equal((await tryDocker(engine, ['push', name], { env })).code, 0);
  const pulled = await tryDocker(engine, ['pull', name], { env });
  assert.equal(pulled.code, 0, pulled.stderr);
  const anonymous = await tryDocker(engine, ['pull', name], { env: { DOCKER_CONFIG: path.join(directory, 'none') } });
  assert.match(
    anonymous.stderr,
    /Head "http:\/\/127\.0\.0\.1:\d+\/v2\/private\/made\/manifests\/1": no basic auth credentials/,
  );
});

test('bearer tokens: asked for per scope, with the password, used again, renewed when they expire', async () => {
  const asked: string[] = [];
  let valid = '';
  await using proxy = await startRegistryProxy(registry.url, {
    before(incoming, outgoing) {
      const url = new URL(incoming.url ?? '', `http://${incoming.headers.host}`);
      if (url.pathname === '/token') {
        const basic = Buffer.from((incoming.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
        asked.push(`${basic} ${url.searchParams.get('service')} ${url.searchParams.getAll('scope').join(' ')}`);
        const isRight = basic === 'tester:secret';
        valid = `token-${asked.length}`;
        outgoing.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' });
        const granted = { token: valid, expires_in: 3600, refresh_token: 'again' };
        outgoing.end(JSON.stringify(isRight ? granted : { details: 'incorrect username or password' }));
        return true;
      }
      if (incoming.headers.authorization === `Bearer ${valid}` && valid !== '') return false;
      const scope = url.pathname === '/v2/' ? '' : ',scope="repository:team/token:pull"';
      outgoing.writeHead(401, {
        'www-authenticate': `Bearer realm="http://${incoming.headers.host}/token",service="the registry"${scope}`,
      });
      outgoing.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
      return true;
    },
  });
  await pushImage(registry.url, 'team/token:1', {
    layers: [handMadeTar([{ name: 't', data: 't' }]), handMadeTar([{ name: 'u', data: 'u' }])],
  });
  const headers = (password: string) => ({
    'x-registry-auth': Buffer.from(JSON.stringify({ username: 'tester', password })).toString('base64url'),
  });
  const url = `/images/create?fromImage=${proxy.host}/team/token:1`;
  const pulled = await callSocket(engine.socket, 'POST', url, undefined, headers('secret'));
  assert.match(pulled.text, /Downloaded newer image/);
  assert.deepEqual(asked, ['tester:secret the registry repository:team/token:pull'], 'one token for the whole pull');
  const wrong = await callSocket(engine.socket, 'POST', url, undefined, headers('wrong'));
  assert.equal(wrong.status, 401);
  assert.match(wrong.text, /unauthorized: incorrect username or password/);
  const { stderr } = await tryDocker(engine, ['login', '-u', 'tester', '--password-stdin', proxy.host], {
    input: 'secret',
  });
  assert.doesNotMatch(stderr, /Error/);
  const login = { username: 'tester', password: 'secret', serveraddress: proxy.host };
  const { status, text } = await engine.call('POST', '/auth', login);
  assert.deepEqual([status, JSON.parse(text)], [200, { IdentityToken: 'again', Status: 'Login Succeeded' }]);
});

test('what a registry says of an image, without pulling it', async () => {
  const image = await pushImage(registry.url, 'team/look:1', { layers: [handMadeTar([{ name: 'l', data: 'l' }])] });
  const answer = await engine.call('GET', `/distribution/${registry.host}/team/look:1/json`);
  const { mediaType, digest, size } = image.manifest;
  assert.deepEqual(answer.json(), {
    Descriptor: { mediaType, digest, size },
    Platforms: [{ architecture: 'amd64', os: 'linux' }],
  });
  const missing = await engine.call('GET', `/distribution/${registry.host}/team/look:2/json`);
  assert.deepEqual([missing.status, missing.json()], [404, { message: 'manifest unknown: manifest unknown' }]);
});
