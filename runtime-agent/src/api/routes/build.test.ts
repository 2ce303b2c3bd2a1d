/** The routes over a real socket, with a builder that tells what it was asked. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { EngineError } from '#model/engine-api/errors.ts';
import type { PruneRequest } from '../../build/cache-upkeep.ts';
import type { BuildRequest } from '../../build/request.ts';
import { stepFailure } from '../../build/steps/step-failure.ts';
import { createRouter } from '../router.ts';
import { type ApiServer, createApiServer } from '../server.ts';
import { buildRoutes } from './build.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-build-routes-'));
const socketPath = path.join(folder, 'api.sock');
const imageId = `sha256:${'a'.repeat(64)}`;
let server: ApiServer;
let asked: BuildRequest[] = [];
let pruned: PruneRequest[] = [];
let work: (request: BuildRequest) => Promise<void> = async () => {};

before(async () => {
  const routes = buildRoutes({
    experimental: false,
    async build(build) {
      asked.push(build);
      await work(build);
      return { imageId, unusedArguments: [] };
    },
    buildKit: () => Promise.reject(new EngineError('not-implemented', 'asked for')),
    history: { list: async () => [], log: async (id) => `log of ${id}` },
    upkeep: {
      async prune(prune) {
        pruned.push(prune);
        return { CachesDeleted: ['x'], SpaceReclaimed: 5 };
      },
    },
  });
  server = createApiServer({ router: createRouter(routes), onFault: () => {} });
  await server.listen({ path: socketPath });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  [asked, pruned, work] = [[], [], async () => {}];
});

async function post(
  url: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<{ status: number; said: string }> {
  const call = request({ socketPath, method: 'POST', path: url, headers });
  call.end(body);
  const [response] = (await new Promise((resolve, reject) => {
    call.on('response', (answer) => resolve([answer]));
    call.on('error', reject);
  })) as [import('node:http').IncomingMessage];
  return { status: response.statusCode ?? 0, said: await text(response) };
}
const lines = (said: string): unknown[] =>
  said
    .trim()
    .split('\r\n')
    .map((line) => JSON.parse(line) as unknown);
const query = (values: Record<string, unknown>): string =>
  new URLSearchParams(
    Object.entries(values).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ).toString();

test('the query becomes a request', async () => {
  work = async ({ context }) => assert.equal(await text(context ?? assert.fail()), 'tar');
  const options = query({
    dockerfile: 'd/Other',
    buildargs: { a: '1', unset: null },
    labels: { l: 'x' },
    target: 'stage',
    platform: 'linux/arm64',
    nocache: '1',
    pull: 'true',
    networkmode: 'none',
    memory: '1000',
    shmsize: '64',
    cpusetcpus: '0-1',
    ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
  });
  const login = Buffer.from(JSON.stringify({ 'host:5000': { username: 'u', password: 'p' } })).toString('base64url');
  const url = `/v1.43/build?t=a&t=b:1&extrahosts=h:1.2.3.4&${options}`;
  const { status, said } = await post(url, { 'x-registry-config': login }, 'tar');
  assert.deepEqual([status, said], [200, '']);
  const { context: _context, signal: _signal, onEvent: _onEvent, ...rest } = asked[0] ?? assert.fail();
  assert.deepEqual(rest, {
    dockerfile: 'd/Other',
    tags: ['a', 'b:1'],
    buildArgs: { a: '1' },
    unsetArguments: ['unset'],
    labels: { l: 'x' },
    target: 'stage',
    platform: 'linux/arm64',
    ignoreCache: true,
    squash: false,
    pull: true,
    networkMode: 'none',
    hostConfig: {
      Memory: 1000,
      ShmSize: 64,
      CpusetCpus: '0-1',
      ExtraHosts: ['h:1.2.3.4'],
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
    },
    cacheFrom: [],
    asClassic: true,
    keepContainers: 'failed',
    credentials: { 'host:5000': { username: 'u', password: 'p' } },
  });
});

test('which containers stay is asked for as of dockerd', async () => {
  for (const query of ['', 'rm=', 'rm=1', 'rm=0', 'rm=false', 'rm=1&forcerm=1', 'rm=0&forcerm=1']) {
    await post(`/build?${query}`);
  }
  const kept = asked.map(({ keepContainers }) => keepContainers);
  assert.deepEqual(kept, ['failed', 'failed', 'failed', 'all', 'all', undefined, undefined]);
});

test('a remote context takes the place of the body', async () => {
  await post('/build?remote=https%3A%2F%2Fh%2Fr.git');
  assert.deepEqual([asked[0]?.remote, asked[0]?.context], ['https://h/r.git', undefined]);
});

test("events become the classic builder's messages", async () => {
  work = async ({ onEvent }) => {
    onEvent?.({ kind: 'progress', message: { status: 'Pulling' } });
    onEvent?.({ kind: 'text', text: 'Step 1/1 : FROM a\n' });
    onEvent?.({ kind: 'image', id: imageId });
  };
  const { said } = await post('/build');
  assert.deepEqual(lines(said), [{ status: 'Pulling' }, { stream: 'Step 1/1 : FROM a\n' }, { aux: { ID: imageId } }]);
});

test('quiet says the id only', async () => {
  work = async ({ onEvent }) => onEvent?.({ kind: 'text', text: 'Step' });
  assert.deepEqual(lines((await post('/build?q=1')).said), [{ stream: `${imageId}\n` }]);
});

test('an error before any message is an HTTP error, one after it a message', async () => {
  work = () => Promise.reject(new EngineError('invalid', 'bad Dockerfile'));
  assert.deepEqual(await post('/build'), { status: 400, said: '{"message":"bad Dockerfile"}\n' });
  work = async ({ onEvent }) => {
    onEvent?.({ kind: 'text', text: 'Step' });
    throw stepFailure(['sh', '-c', 'exit 3'], 3);
  };
  const message = "The command 'sh -c exit 3' returned a non-zero code: 3";
  assert.deepEqual(lines((await post('/build')).said), [
    { stream: 'Step' },
    { errorDetail: { code: 3, message }, error: message },
  ]);
});

test('what cannot be done is refused before anything is read', async () => {
  const refused = async (url: string) => {
    const { status, said } = await post(url);
    return [status, (JSON.parse(said) as { message: string }).message] as const;
  };
  assert.deepEqual(await refused('/build?version=2&session=x'), [501, 'asked for']);
  assert.deepEqual(await refused('/build?version=9'), [400, 'invalid version "9"']);
  assert.deepEqual(await refused('/build?squash=1'), [400, 'squash is only supported with experimental mode']);
  assert.match((await refused('/build?buildargs=%7B'))[1], /^error reading buildargs: /);
  assert.match((await refused('/build?labels=%5B%5D'))[1], /^error reading labels: not an object/);
  assert.match((await refused('/build?ulimits=%5B1%5D'))[1], /^error reading ulimits/);
  assert.deepEqual(await refused('/build?memory=lots'), [400, 'invalid memory: lots is not a number']);
  assert.deepEqual(asked, []);
});

test('a login that cannot be read counts as none', async () => {
  await post('/build', { 'x-registry-config': 'e30=' });
  await post('/build', { 'x-registry-config': '!!!' });
  assert.deepEqual(
    asked.map(({ credentials }) => credentials),
    [{}, {}],
  );
});

test('prune reads its filters', async () => {
  const { said } = await post('/build/prune?all=1');
  assert.deepEqual(JSON.parse(said), { CachesDeleted: ['x'], SpaceReclaimed: 5 });
  const before = Date.now();
  await post(`/build/prune?${query({ filters: { until: ['24h'] }, 'keep-storage': '1000' })}`);
  await post(`/build/prune?${query({ filters: { until: { '2026-01-01T00:00:00Z': true } }, 'reserved-space': '7' })}`);
  const [all, recent, dated] = pruned;
  assert.deepEqual(all, {});
  assert.equal(recent?.keepBytes, 1000);
  assert.ok(Math.abs((recent?.unusedSince ?? 0) - (before - 86_400_000)) < 5000);
  assert.deepEqual(dated, { keepShared: true, keepBytes: 7, unusedSince: Date.parse('2026-01-01T00:00:00Z') });
  assert.equal((await post('/build/prune?keep-storage=x')).status, 400);
  pruned = [];
  await post(`/build/prune?all=true&${query({ filters: { id: ['ab'], type: { regular: true }, inuse: [] } })}`);
  assert.deepEqual(pruned, [{ filters: ['id~=ab,type==regular,inuse'] }]);
  const refusals = [
    [{ id: ['a', 'b'] }, 'filters expect only one value'],
    [{ dangling: ['x'] }, "invalid filter 'dangling'"],
    ...['xx', ''].map(
      (time) =>
        [
          { until: [time] },
          `"until" filter expects a duration (e.g., '24h') or a timestamp: failed to parse value as time or duration: "${time}"`,
        ] as const,
    ),
  ] as const;
  for (const [filters, why] of refusals) {
    const { status, said } = await post(`/build/prune?${query({ filters })}`);
    assert.deepEqual([status, JSON.parse(said)], [400, { message: `failed to prune build cache: ${why}` }]);
  }
});

test('cancel wants an id', async () => {
  assert.equal((await post('/build/cancel')).status, 400);
  assert.equal((await post('/build/cancel?id=x')).status, 200);
});

test('images to take the cache from are not dropped without a word', async () => {
  await post('/build?cachefrom=["base"]');
  assert.deepEqual(asked.at(-1)?.cacheFrom, [{ type: 'image', reference: 'base' }]);
  for (const none of ['', 'null', '[]']) await post(`/build?cachefrom=${none}`);
  assert.deepEqual(asked.at(-1)?.cacheFrom, []);
});

test('BuildKit without a session is given the context itself, as the classic builder', async () => {
  assert.equal((await post('/build?version=2&t=name', {}, 'the context')).status, 200);
  assert.deepEqual(asked[0]?.tags, ['name']);
  for (const query of ['session=s', 'buildid=b', 'remote=client-session']) {
    assert.equal((await post(`/build?version=2&${query}`)).status, 501);
  }
});
