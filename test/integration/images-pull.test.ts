/** `docker pull` from a real registry, through a network that is sometimes bad. */
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Registry, startRegistry } from '../../tools/world/registry.ts';
import { docker, tryDocker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { type HandImage, pushImage, pushIndex, sha256 } from '../support/registry-image.ts';
import { startRegistryProxy } from '../support/registry-proxy.ts';
import { handMadeTar } from '../support/tar-builder.ts';

let registry: Registry;
let engine: TestEngine;
before(async () => {
  registry = await startRegistry();
  engine = await startTestEngine({ mirror: registry.url });
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
});

type Message = Readonly<Record<string, unknown>>;

/** POST /images/create, with the messages of its stream. */
async function pull(reference: string, more = ''): Promise<Message[]> {
  const answer = await engine.call('POST', `/images/create?fromImage=${encodeURIComponent(reference)}${more}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.text
    .trim()
    .split('\r\n')
    .map((line) => JSON.parse(line) as Message);
}

const text = (messages: readonly Message[]): string[] =>
  messages.map(({ status, id }) => (id === undefined ? String(status) : `${id}: ${status}`));

/** A layer of that many bytes which nothing compresses, the same every time. */
function bigLayer(bytes: number, seed: number): Buffer {
  const key = Buffer.alloc(16, seed);
  const data = createCipheriv('aes-128-ctr', key, key).update(Buffer.alloc(bytes));
  return handMadeTar([{ name: `big${seed}`, data }]);
}

const BASE = handMadeTar([
  { name: 'etc/', type: '5' },
  { name: 'etc/base', data: 'base' },
]);
const small = (name: string): HandImage => ({ layers: [BASE, handMadeTar([{ name, data: name }])] });
const short = (digest: string | undefined): string => (digest ?? '').slice(7, 19);

/** What unfinished pulls have on disk. */
function halfMade(): string[] {
  return ['content/ingest', 'snapshots/tmp'].flatMap((name) => readdirSync(path.join(engine.dataRoot, name)));
}

test('the messages are those of dockerd, and the image is there under its tag and its digest', async () => {
  const image = await pushImage(registry.url, 'team/first:1', small('first'));
  const name = `${registry.host}/team/first:1`;
  const messages = await pull(name);
  const [bottom, top] = image.layers.map(({ digest }) => short(digest));
  const said = text(messages);
  assert.deepEqual(said.slice(0, 3), [
    '1: Pulling from team/first',
    `${bottom}: Pulling fs layer`,
    `${top}: Pulling fs layer`,
  ]);
  assert.deepEqual(said.slice(-2), [`Digest: ${image.manifest.digest}`, `Status: Downloaded newer image for ${name}`]);
  for (const id of [bottom, top]) {
    const own = said.filter((line) => line.startsWith(`${id}: `)).map((line) => line.slice(14));
    assert.deepEqual(own, [
      'Pulling fs layer',
      'Downloading',
      'Verifying Checksum',
      'Download complete',
      'Extracting',
      'Pull complete',
    ]);
  }
  const total = image.layers[0]?.size ?? 0;
  const downloading = messages.find(({ id, status }) => id === bottom && status === 'Downloading') ?? {};
  assert.deepEqual(downloading['progressDetail'], { current: total, total });
  assert.match(String(downloading['progress']), /^\[=+>\s*\]\s+\d+B\/\d+B$/);
  assert.deepEqual(text(await pull(name)).slice(1), [
    `Digest: ${image.manifest.digest}`,
    `Status: Image is up to date for ${name}`,
  ]);
  const inspected = (await engine.call('GET', `/images/${name}/json`)).json<Message>();
  assert.equal(inspected['Id'], image.id);
  assert.deepEqual(inspected['RepoTags'], [name]);
  assert.deepEqual(inspected['RepoDigests'], [`${registry.host}/team/first@${image.manifest.digest}`]);
});

test('layers that are here already are not asked for again', async () => {
  await using proxy = await startRegistryProxy(registry.url);
  const image = await pushImage(registry.url, 'team/second:1', small('second'));
  const said = text(await pull(`${proxy.host}/team/second:1`));
  assert.ok(said.includes(`${short(image.layers[0]?.digest)}: Already exists`), said.join('\n'));
  assert.equal(proxy.blobRequests(image.layers[0]?.digest ?? '').length, 0);
  assert.equal(proxy.blobRequests(image.layers[1]?.digest ?? '').length, 1);
});

test('a digest instead of a tag; the image then has no tag', async () => {
  const image = await pushImage(registry.url, 'team/third:1', small('third'));
  const name = `${registry.host}/team/third@${image.manifest.digest}`;
  const said = text(await pull(name));
  assert.equal(said[0], `${name}: Pulling from team/third`);
  const found = (await engine.call('GET', `/images/${name}/json`)).json<{
    RepoTags: string[];
    RepoDigests: string[];
  }>();
  assert.deepEqual(found, { ...found, RepoTags: [], RepoDigests: [name] });
  const dangling = await engine.call('GET', `/images/json?filters=${encodeURIComponent('{"dangling":["true"]}')}`);
  assert.ok(dangling.json<{ Id: string }[]>().some(({ Id }) => Id === image.id));
  const pruned = (await engine.call('POST', '/images/prune')).json<{ ImagesDeleted: { Untagged?: string }[] }>();
  assert.ok(
    pruned.ImagesDeleted.some(({ Untagged }) => Untagged === name),
    'as with Docker: it has no tag',
  );
});

test('of an index the image of the platform is taken; without one the error says so', async () => {
  const arm = await pushImage(registry.url, 'team/multi:arm', {
    ...small('arm'),
    architecture: 'arm64',
    variant: 'v8',
  });
  const amd = await pushImage(registry.url, 'team/multi:amd', small('amd'));
  const index = await pushIndex(registry.url, 'team/multi:1', [
    { image: arm, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    { image: amd, platform: { os: 'linux', architecture: 'amd64' } },
    // What buildx adds: never chosen.
    { image: amd, platform: { os: 'unknown', architecture: 'unknown' } },
  ]);
  const name = `${registry.host}/team/multi:1`;
  const id = async (): Promise<string> => (await engine.call('GET', `/images/${name}/json`)).json<{ Id: string }>().Id;
  assert.ok(text(await pull(name, '&platform=linux/arm64')).includes(`Digest: ${index.digest}`));
  assert.equal(await id(), arm.id);
  await pull(name, '&platform=linux/amd64');
  assert.equal(await id(), amd.id);
  const none = (await pull(name, '&platform=linux/s390x')).at(-1);
  assert.equal(none?.['error'], 'no matching manifest for linux/s390x in the manifest list entries');
  const warned = text(await pull(`${registry.host}/team/multi:amd`, '&platform=linux/arm64'));
  assert.match(
    warned.at(-1) ?? '',
    /^WARNING: image with reference .* its platform \(linux\/amd64\) does not match .* \(linux\/arm64\)$/,
  );
  const unknown = await engine.call('POST', `/images/create?fromImage=${name}&platform=foo`);
  assert.deepEqual(
    [unknown.status, unknown.json<Message>()['message']],
    [400, '"foo": unknown operating system or architecture: invalid argument'],
  );
});

test('indexes in an index, and entries that say no platform', async () => {
  const image = await pushImage(registry.url, 'team/nested:in', small('nested'));
  const inner = await pushIndex(registry.url, 'team/nested:inner', [
    { image, platform: { os: 'linux', architecture: 'amd64' } },
  ]);
  const within = { ...image, manifest: inner };
  await pushIndex(registry.url, 'team/nested:1', [{ image: within, platform: undefined }]);
  await pull(`${registry.host}/team/nested:1`);
  assert.equal(
    (await engine.call('GET', `/images/${registry.host}/team/nested:1/json`)).json<Message>()['Id'],
    image.id,
  );
});

test('the digest of an index stays the name of the image that was pulled by it first', async () => {
  const amd = await pushImage(registry.url, 'team/both:amd', small('both-amd'));
  const arm = await pushImage(registry.url, 'team/both:arm', { ...small('both-arm'), architecture: 'arm64' });
  const index = await pushIndex(registry.url, 'team/both:1', [
    { image: amd, platform: { os: 'linux', architecture: 'amd64' } },
    { image: arm, platform: { os: 'linux', architecture: 'arm64' } },
  ]);
  const name = `${registry.host}/team/both`;
  const names = async (id: string) => {
    const { RepoTags, RepoDigests } = (await engine.call('GET', `/images/${id}/json`)).json<Message>();
    return [RepoTags, RepoDigests];
  };
  await pull(`${name}:1`);
  await docker(engine, 'pull', '--platform', 'linux/arm64', `${name}:1`);
  assert.deepEqual(await names(amd.id), [[], [`${name}@${index.digest}`]]);
  assert.deepEqual(await names(arm.id), [[`${name}:1`], []]);
  await docker(engine, 'pull', '--platform', 'linux/arm64', `${name}@${index.digest}`);
  assert.deepEqual(await names(arm.id), [[`${name}:1`], [`${name}@${index.digest}`]]);
});

test('all tags of a repository, with one outcome', async () => {
  for (const tag of ['1', '2']) await pushImage(registry.url, `team/all:${tag}`, small(`all${tag}`));
  const name = `${registry.host}/team/all`;
  const { stdout } = await docker(engine, 'pull', '--all-tags', name);
  assert.equal(stdout.match(/^Status: /gm)?.length, 1, stdout);
  assert.match(stdout, new RegExp(`^Status: Downloaded newer image for ${name}$`, 'm'));
  assert.match((await docker(engine, 'pull', '-a', name)).stdout, /^Status: Image is up to date for /m);
  const none = await engine.call('POST', `/images/create?fromImage=${registry.host}/team/nothing`);
  assert.deepEqual(
    [none.status, none.json<Message>()['message']],
    [404, `repository ${registry.host}/team/nothing not found: name unknown: repository name not known to registry`],
  );
});

test('layers in zstd, and in no compression at all', async () => {
  for (const compression of ['zstd', 'none'] as const) {
    await pushImage(registry.url, `team/${compression}:1`, {
      layers: [handMadeTar([{ name: compression, data: 'x' }])],
      compression,
    });
    await pull(`${registry.host}/team/${compression}:1`);
  }
});

test('what is not there, and what cannot be a name, is said in words of dockerd', async () => {
  const failing = async (query: string): Promise<[number, unknown]> => {
    const answer = await engine.call('POST', `/images/create?${query}`);
    return [answer.status, answer.json<Message>()['message']];
  };
  const host = registry.host;
  assert.deepEqual(await failing(`fromImage=${host}/team/first&tag=nope`), [
    404,
    `manifest for ${host}/team/first:nope not found: manifest unknown: manifest unknown`,
  ]);
  assert.deepEqual(await failing(`fromImage=${host}/Bad`), [
    400,
    'invalid reference format: repository name (Bad) must be lowercase',
  ]);
  assert.deepEqual(await failing(`fromImage=a:b:c`), [400, 'invalid reference format']);
  const [status, message] = await failing(`fromImage=127.0.0.1:1/x`);
  assert.equal(status, 500);
  assert.match(
    String(message),
    /^Get "http:\/\/127\.0\.0\.1:1\/v2\/": dial tcp 127\.0\.0\.1:1: connect: connection refused \(is the registry running/,
  );
});

test('a mirror is asked first; what is nowhere is one clear error, soon', async () => {
  await pushImage(registry.url, 'library/mirrored:1', small('mirrored'));
  const { stdout } = await docker(engine, 'pull', 'mirrored:1');
  assert.match(stdout, /Downloaded newer image for mirrored:1\ndocker\.io\/library\/mirrored:1\n$/);
  const started = performance.now();
  const { code, stderr } = await tryDocker(engine, ['pull', 'slipway-tests/nowhere:1']);
  assert.equal(code, 1);
  // The second where the machine can reach the registry itself.
  assert.match(stderr, /manifest unknown \(asked only the mirror: |pull access denied for slipway-tests\/nowhere/);
  assert.ok(performance.now() - started < 15_000, 'an unreachable registry is given up soon');
});

test('pulls at the same time share the work', async () => {
  await using proxy = await startRegistryProxy(registry.url);
  const image = await pushImage(registry.url, 'team/shared:1', { layers: [bigLayer(3_000_000, 5)] });
  const other = await pushImage(registry.url, 'team/shared:2', { layers: [bigLayer(3_000_000, 5), BASE] });
  const results = await Promise.all(['1', '1', '2', '2'].map((tag) => pull(`${proxy.host}/team/shared:${tag}`)));
  for (const messages of results)
    assert.match(text(messages).at(-1) ?? '', /^Status: (Downloaded newer image|Image is up to date)/);
  assert.equal(proxy.blobRequests(image.layers[0]?.digest ?? '').length, 1);
  assert.deepEqual([image.id === other.id, image.layers[0]?.digest], [false, other.layers[0]?.digest]);
});

test('a connection that breaks is taken up where it broke', async () => {
  const image = await pushImage(registry.url, 'team/broken:1', { layers: [bigLayer(2_000_000, 6)] });
  let cuts = 0;
  await using proxy = await startRegistryProxy(registry.url, {
    body(incoming, answer, outgoing) {
      if (!incoming.url?.includes(image.layers[0]?.digest ?? '') || cuts++ >= 2) return void answer.pipe(outgoing);
      let sent = 0;
      answer.on('data', (chunk: Buffer) => {
        sent += chunk.length;
        outgoing.write(chunk);
        if (sent > 500_000) outgoing.destroy();
      });
    },
  });
  await pull(`${proxy.host}/team/broken:1`);
  const ranges = proxy.blobRequests(image.layers[0]?.digest ?? '').map(({ range }) => range);
  assert.equal(ranges.length, 3);
  assert.match(ranges[1] ?? '', /^bytes=\d{5,}-$/);
  assert.ok(Number(ranges[2]?.slice(6, -1)) > Number(ranges[1]?.slice(6, -1)), 'every attempt gets further');
  assert.deepEqual(halfMade(), []);
});

test('bytes that are not what the digest says are refused, and nothing stays', async () => {
  const image = await pushImage(registry.url, 'team/corrupt:1', {
    layers: [bigLayer(300_000, 7), handMadeTar([{ name: 'fine', data: 'x' }])],
  });
  await using proxy = await startRegistryProxy(registry.url, {
    body(incoming, answer, outgoing) {
      if (!incoming.url?.includes(image.layers[0]?.digest ?? '')) return void answer.pipe(outgoing);
      answer.on('data', (chunk: Buffer) => {
        chunk[chunk.length - 1] = (chunk.at(-1) ?? 0) ^ 1;
        outgoing.write(chunk);
      });
      answer.on('end', () => outgoing.end());
    },
  });
  const answer = await engine.call('POST', `/images/create?fromImage=${proxy.host}/team/corrupt:1`);
  assert.match(answer.text.trim().split('\r\n').at(-1) ?? '', /"errorDetail":\{"message":/);
  assert.deepEqual(halfMade(), []);
  for (const { digest } of image.layers) {
    assert.ok(!existsSync(path.join(engine.dataRoot, 'content/blobs/sha256', digest.slice(7))), 'no blob of it stays');
  }
  const { status } = await engine.call('GET', `/images/${image.id}/json`);
  assert.equal(status, 404);
});

test('a hostile layer is refused, and the pull says why', async () => {
  await pushImage(registry.url, 'team/hostile:1', {
    layers: [handMadeTar([{ name: '../../../../../../../../tmp/escaped-by-slipway', data: 'x' }])],
  });
  const answer = await engine.call('POST', `/images/create?fromImage=${registry.host}/team/hostile:1`);
  assert.match(answer.text, /is outside of the layer's root/);
  assert.ok(!existsSync('/tmp/escaped-by-slipway'));
  assert.deepEqual(halfMade(), []);
});

/** A proxy that lets the first bytes of a blob through and then waits until it is told to go on. */
function slowProxy(digest: string, firstBytes: number) {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const proxy = startRegistryProxy(registry.url, {
    body(incoming, answer, outgoing) {
      if (!incoming.url?.includes(digest)) return void answer.pipe(outgoing);
      let sent = 0;
      answer.on('data', (chunk: Buffer) => {
        outgoing.write(chunk);
        sent += chunk.length;
        if (sent < firstBytes) return;
        begun.resolve();
        answer.pause();
        void gate.promise.then(() => answer.resume());
      });
      answer.on('end', () => outgoing.end());
    },
  });
  return { proxy, begun: begun.promise, goOn: () => gate.resolve() };
}

test('a client that goes away ends its pull, and nothing of it stays', async () => {
  const image = await pushImage(registry.url, 'team/cancelled:1', {
    layers: [bigLayer(2_000_000, 8), handMadeTar([{ name: 'c', data: 'c' }])],
  });
  const slow = slowProxy(image.layers[0]?.digest ?? '', 300_000);
  await using proxy = await slow.proxy;
  const run = tryDocker(engine, ['pull', `${proxy.host}/team/cancelled:1`], { timeoutMs: 1500 });
  await Promise.all([slow.begun, run.catch(() => undefined)]);
  const config = path.join(engine.dataRoot, 'content/blobs/sha256', image.id.slice(7));
  for (let i = 0; i < 100 && (existsSync(config) || halfMade().length > 0); i++) await sleep(20);
  assert.deepEqual([halfMade(), existsSync(config)], [[], false]);
  slow.goOn();
});

test('an engine killed in the middle of a pull goes on with it when it is asked again', async () => {
  const image = await pushImage(registry.url, 'team/killed:1', {
    layers: [bigLayer(2_000_000, 9), handMadeTar([{ name: 'k', data: 'k' }])],
  });
  const digest = image.layers[0]?.digest ?? '';
  const slow = slowProxy(digest, 700_000);
  await using proxy = await slow.proxy;
  const run = engine.call('POST', `/images/create?fromImage=${proxy.host}/team/killed:1`).catch(() => undefined);
  await slow.begun;
  const finished = sha256(handMadeTar([{ name: 'k', data: 'k' }])).slice('sha256:'.length);
  while (!readdirSync(path.join(engine.dataRoot, 'snapshots')).includes(finished)) await sleep(50);
  await sleep(200); // its record
  await engine.stop('SIGKILL');
  await run;
  slow.goOn();
  await engine.start();
  assert.equal((await engine.call('GET', `/images/${image.id}/json`)).status, 404, 'half an image is no image');
  const said = text(await pull(`${proxy.host}/team/killed:1`));
  assert.match(said.at(-1) ?? '', /^Status: Downloaded newer image/);
  assert.ok(said.includes(`${short(image.layers[1]?.digest)}: Already exists`), 'the finished layer is kept');
  const range = proxy.blobRequests(digest).at(-1)?.range;
  assert.ok(Number(range?.slice(6, -1)) > 500_000, `the rest is asked for, not the whole: ${range}`);
  assert.deepEqual(halfMade(), []);
  const inspected = (await engine.call('GET', `/images/${image.id}/json`)).json<{ RootFS: { Layers: string[] } }>();
  assert.equal(inspected.RootFS.Layers[1], sha256(handMadeTar([{ name: 'k', data: 'k' }])));
});
