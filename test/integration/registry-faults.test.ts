/** Pulls from registries and mirrors that are busy, or have not all. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Registry, startRegistry } from '../../tools/world/registry.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { type HandImage, makeImage, pushImage, pushIndex } from '../support/registry-image.ts';
import { type Meddling, startRegistryProxy } from '../support/registry-proxy.ts';
import { handMadeTar } from '../support/tar-builder.ts';

let registry: Registry;
let engine: TestEngine;
before(async () => {
  registry = await startRegistry();
  engine = await startTestEngine({ mirror: false });
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
});

const small = (name: string): HandImage => ({
  layers: ['bottom', 'top'].map((layer) => handMadeTar([{ name: layer, data: `${layer} of ${name}` }])),
});

test('a mirror that has only half of an image is passed over', async () => {
  const image = await pushImage(registry.url, 'library/half:1', small('half'));
  const missing = image.layers[1]?.digest ?? '';
  await using broken = await startRegistryProxy(registry.url, {
    before(incoming, outgoing) {
      if (!incoming.url?.includes(missing)) return false;
      outgoing.writeHead(404).end();
      return true;
    },
  });
  await using other = await startTestEngine({
    mirror: false,
    args: ['--registry-mirror', broken.url, '--registry-mirror', registry.url],
  });
  const { stdout } = await docker(other, 'pull', 'half:1');
  assert.match(stdout, /Downloaded newer image for half:1/);
  assert.ok(broken.blobRequests(missing).length > 0);
});

test('a registry that is busy is waited for', async () => {
  const image = await pushImage(registry.url, 'team/busy:1', small('busy'));
  const busy = new Map<string, number>();
  await using proxy = await startRegistryProxy(registry.url, {
    before(incoming, outgoing) {
      const url = incoming.url ?? '';
      const times = (busy.get(url) ?? 0) + 1;
      busy.set(url, times);
      if (!url.includes('/team/busy/') || times > 2) return false;
      outgoing.writeHead(times === 1 ? 429 : 503, times === 1 ? { 'Retry-After': '0' } : {}).end();
      return true;
    },
  });
  const name = `${proxy.host}/team/busy:1`;
  const { stdout } = await docker(engine, 'pull', name);
  assert.match(stdout, new RegExp(`^Status: Downloaded newer image for ${name}$`, 'm'));
  assert.ok([...busy.values()].some((times) => times === 3));
  assert.equal(image.layers.length, 2);
});

test('a tag that is still the same costs no pull at the registry', async () => {
  const first = await pushImage(registry.url, 'team/same:1', small('same'));
  const entry = { image: first, platform: { os: 'linux', architecture: 'amd64' } };
  await pushIndex(registry.url, 'team/same:index', [entry]);
  await using proxy = await startRegistryProxy(registry.url);
  const pull = async (tag: string) => (await docker(engine, 'pull', `${proxy.host}/team/same:${tag}`)).stdout;
  for (const tag of ['1', 'index']) {
    await pull(tag);
    const before = proxy.seen.length;
    assert.match(await pull(tag), /^Status: Image is up to date for /m);
    const asked = proxy.seen.slice(before).filter(({ url }) => url !== '/v2/');
    assert.deepEqual(
      asked.map(({ method }) => method),
      ['HEAD'],
      'which Docker Hub does not count',
    );
  }
  const next = await pushImage(registry.url, 'team/same:1', small('next'));
  assert.ok((await pull('1')).includes(`Digest: ${next.manifest.digest}`));
});

const body = (code: string, message: string, detail: unknown = {}): string =>
  JSON.stringify({ errors: [{ code, message, detail }] });
const ACCESS = "pull access denied for NAME, repository does not exist or may require 'docker login'";

/** What a registry answers to the question for the manifest, and what Docker makes of it. */
const REFUSALS: readonly (readonly [number, string, number, string])[] = [
  [429, body('TOOMANYREQUESTS', 'slow down'), 429, 'toomanyrequests: slow down'],
  [429, '{"details":"pull rate limit"}', 429, 'toomanyrequests: pull rate limit'],
  [500, body('UNKNOWN', 'oh'), 500, 'received unexpected HTTP status: 500 Internal Server Error'],
  [503, '', 500, 'received unexpected HTTP status: 503 Service Unavailable'],
  [
    404,
    body('MANIFEST_UNKNOWN', 'manifest unknown'),
    404,
    'manifest for NAME:1 not found: manifest unknown: manifest unknown',
  ],
  [404, body('NAME_UNKNOWN', 'no such'), 404, 'repository NAME not found: name unknown: no such'],
  [404, 'nothing here', 500, 'unknown: nothing here'],
  [403, body('DENIED', 'not you'), 404, `${ACCESS}: denied: not you`],
  [
    403,
    body('DENIED', 'requested access to the resource is denied', null),
    403,
    `${ACCESS}: denied: requested access to the resource is denied`,
  ],
  [401, body('UNAUTHORIZED', 'authentication required'), 401, 'unauthorized: authentication required'],
  [400, body('NAME_INVALID', 'bad name'), 400, 'name invalid: bad name'],
  [418, 'teapot', 500, 'unknown: teapot'],
];

test('what a registry refuses has the status and the words that it has with Docker', async () => {
  let answer: (typeof REFUSALS)[number] = [500, '', 500, ''];
  await using proxy = await startRegistryProxy(registry.url, {
    before({ url }, outgoing) {
      if (!url?.includes('/manifests/')) return false;
      outgoing.writeHead(answer[0], { 'Retry-After': '0' }).end(answer[1]);
      return true;
    },
  });
  const name = `${proxy.host}/team/refused`;
  for (answer of REFUSALS) {
    const { status, text } = await engine.call('POST', `/images/create?fromImage=${name}&tag=1`);
    const [, , expected, message] = answer;
    assert.deepEqual([status, JSON.parse(text)], [expected, { message: message.replaceAll('NAME', name) }]);
  }
});

/** A registry of one image that is made by hand, whatever its documents say of themselves. */
function serving(manifest: Buffer, mediaType: string, blobs: Readonly<Record<string, Buffer>>): Meddling {
  return {
    before({ url = '' }, outgoing) {
      const found = url.includes('/manifests/') ? manifest : blobs[url.slice(url.lastIndexOf('/') + 1)];
      outgoing.writeHead(found === undefined ? 404 : 200, { 'content-type': mediaType }).end(found);
      return true;
    },
  };
}

const sha512 = (bytes: Buffer): string => `sha512:${createHash('sha512').update(bytes).digest('hex')}`;

test('manifests, configurations and layers may be named by sha512', async () => {
  const { config, layers, manifest } = makeImage(small('long'));
  const named = ({ bytes, ...rest }: (typeof layers)[number]) => ({ ...rest, digest: sha512(bytes) });
  const value = {
    ...(JSON.parse(manifest.bytes.toString()) as object),
    config: named(config),
    layers: layers.map(named),
  };
  const bytes = Buffer.from(JSON.stringify(value));
  const blobs = Object.fromEntries([config, ...layers].map((one) => [sha512(one.bytes), one.bytes]));
  await using proxy = await startRegistryProxy(registry.url, serving(bytes, manifest.mediaType, blobs));
  const name = `${proxy.host}/team/long@${sha512(bytes)}`;
  const { stdout } = await docker(engine, 'pull', name);
  assert.ok(stdout.includes(`Digest: ${sha512(bytes)}`), stdout);
  const { Id, RepoDigests } = (await engine.call('GET', `/images/${name}/json`)).json<{
    Id: string;
    RepoDigests: string[];
  }>();
  assert.deepEqual([Id, RepoDigests], [config.digest, [name]]);
  assert.match((await docker(engine, 'rmi', name)).stdout, new RegExp(`Deleted: ${config.digest}`));
});

test('an image of the first schema is told to be too old, by its name', async () => {
  const mediaType = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
  const old = Buffer.from('{"schemaVersion":1,"fsLayers":[],"history":[]}');
  await using proxy = await startRegistryProxy(registry.url, serving(old, mediaType, {}));
  const { status, text } = await engine.call('POST', `/images/create?fromImage=${proxy.host}/team/old&tag=1`);
  const [first = '', second = ''] = text.trim().split(/\r?\n/);
  assert.deepEqual([status, JSON.parse(first)], [200, { status: 'Pulling from team/old', id: '1' }]);
  assert.match(
    second,
    /schema 1 support has been removed\. Suggest the author of 127\.0\.0\.1:\d+\/team\/old:1 to upgrade/,
  );
});
