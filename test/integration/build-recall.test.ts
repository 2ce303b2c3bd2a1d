/**
 * Builds that are remembered whole, against builds that are not: two worlds to which the same happens have to say the same,
 * have the same images, names and cache, and tell the same events.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openBuildCache } from '../../runtime-agent/src/build/build-cache.ts';
import { createCacheMounts } from '../../runtime-agent/src/build/cache-mounts.ts';
import { createCacheUpkeep } from '../../runtime-agent/src/build/cache-upkeep.ts';
import { createRootMounts } from '../../runtime-agent/src/build/mounted-root.ts';
import { recallBuilds } from '../../runtime-agent/src/build/recall/recall-builds.ts';
import type { BuildEvent, BuildRequest, BuildResult } from '../../runtime-agent/src/build/request.ts';
import { type BuildTools, runBuild } from '../../runtime-agent/src/build/run-build.ts';
import type { ImageStore } from '../../runtime-agent/src/images/store.ts';
import type { SnapshotStore } from '../../runtime-agent/src/snapshots/store.ts';
import { openBuildWorld } from '../support/build-world.ts';
import { type HandEntry, handMadeTar } from '../support/tar-builder.ts';

type Asked = Omit<Partial<BuildRequest>, 'context'> & { readonly tar?: Buffer };

interface Side extends AsyncDisposable {
  readonly tools: BuildTools;
  /** Builds that were not just told again. */
  runs: number;
  build(asked: Asked): Promise<unknown>;
  prune(): Promise<unknown>;
  /** What can be seen from outside, since the last look. */
  look(): unknown;
}

/** No folder of these is made when it is built, whose time would depend on the moment. */
const FILES: HandEntry[] = [
  { name: 'f', data: 'one' },
  { name: 'd/', type: '5' },
  { name: 'd/g', data: 'two', mode: 0o600 },
];
const DOCKERFILE = `FROM base AS one
USER 1
COPY f /w
FROM other AS two
ARG V=1
ENV v=$V http=$http_proxy
LABEL a=b
COPY --from=one /w /g
COPY d /d
CMD ["x"]`;
const context = (dockerfile: string, entries: readonly HandEntry[] = FILES): Buffer =>
  handMadeTar([{ name: 'Dockerfile', data: dockerfile }, ...entries]);
const PLAIN = context(DOCKERFILE);
const ASKED: Asked = { tar: PLAIN, tags: ['app'], asClassic: true };

/** Ids and times are of each world: they become the order in which they were first seen. */
function anonymous(): (value: unknown) => unknown {
  const names = new Map<string, string>();
  return (value) =>
    JSON.parse(
      JSON.stringify(value ?? null)
        .replaceAll(/[0-9a-f]{12,64}/g, (id) => {
          const known = names.get(id.slice(0, 12)) ?? `id ${names.size}`;
          names.set(id.slice(0, 12), known);
          return known;
        })
        .replaceAll(/"moby.buildkit.cache.v0":"[^"]*"/g, '"cache":1')
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'),
    ) as unknown;
}

async function openSide(root: string, remembers: boolean): Promise<Side> {
  const world = await openBuildWorld(root);
  const { dependencies, images, snapshots, events } = world;
  const { host, database } = dependencies;
  const [cache, cacheMounts] = [openBuildCache(database), createCacheMounts(path.join(root, 'build/cache-mounts'))];
  const directory = path.join(root, 'build/work');
  const mounts = createRootMounts({ host, snapshots, directory });
  const tools = { ...dependencies, cache, cacheMounts, mounts, contexts: path.join(root, 'build/contexts') };
  const imageChainIds = () => images.list().flatMap(({ chainIds }) => chainIds);
  const upkeep = createCacheUpkeep({ host, cache, cacheMounts, images, imageChainIds });
  const run = (request: BuildRequest, given: BuildTools): Promise<BuildResult> => {
    side.runs++;
    return runBuild(request, given);
  };
  const work = remembers ? recallBuilds<BuildTools>(tools, run) : (request: BuildRequest) => run(request, tools);
  const [told, hide] = [[] as unknown[], anonymous()];
  events.subscribe(({ Type, Action, Actor }) => told.push([Type, Action, Actor]));
  const side: Side = {
    tools,
    runs: 0,
    async build({ tar = PLAIN, ...asked }) {
      const said: BuildEvent[] = [];
      const onEvent = (event: BuildEvent): void => void said.push(event);
      const signal = AbortSignal.timeout(60_000);
      try {
        const result = await work({ context: Readable.from([tar]), signal, ...asked, onEvent });
        return hide({ said, result });
      } catch (error) {
        return hide({ said, error: String(error) });
      }
    },
    async prune() {
      const { CachesDeleted, SpaceReclaimed } = await upkeep.prune({});
      return [CachesDeleted.length, SpaceReclaimed];
    },
    look() {
      const shown = images.list().map(({ id, repoTags, chainIds, parent }) => ({ id, repoTags, chainIds, parent }));
      const steps = cache.list().map(({ outcome, uses }) => `${outcome.description} ${uses}`);
      // In an order that does not depend on ids.
      return {
        images: shown.map((image) => JSON.stringify(hide(image))).sort(),
        cache: steps.sort(),
        events: hide(told.splice(0)),
      };
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
  for (const name of ['base', 'other', 'third'])
    await side.build({
      tar: context(`FROM scratch\nCOPY f /${name}\nENV from=${name}`),
      tags: [name],
      asClassic: true,
    });
  return side;
}

const root = mkdtempSync(path.join(tmpdir(), 'slipway-recall-'));
let remembering: Side;
let plain: Side;
before(async () => {
  remembering = await openSide(path.join(root, 'a'), true);
  plain = await openSide(path.join(root, 'b'), false);
});
after(async () => {
  await remembering?.[Symbol.asyncDispose]();
  await plain?.[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

/** The same in both worlds. Gives whether the remembering one had to run a build. */
async function both(what: string, act: (side: Side) => unknown): Promise<boolean> {
  const before = remembering.runs;
  const [ours, theirs] = [await act(remembering), await act(plain)];
  assert.deepEqual(ours, theirs, `${what}: what comes of it`);
  assert.deepEqual(remembering.look(), plain.look(), `${what}: what is there then`);
  return remembering.runs > before;
}
const builds = (what: string, asked: Asked): Promise<boolean> =>
  both(what, (side) => side.build({ ...ASKED, ...asked }));
/** Until it is told from memory. */
async function remember(asked: Asked = {}): Promise<void> {
  await builds('first', asked);
  await builds('cached', asked);
  assert.equal(await builds('told again', asked), false, 'a build that found everything is remembered');
}

test('what is asked for otherwise is built', async () => {
  await remember();
  const otherwise: Record<string, Asked> = {
    'another tag': { tags: ['app:2'] },
    'more tags': { tags: ['app', 'host:5000/a/b:c'] },
    'no tag': { tags: [] },
    target: { target: 'one' },
    argument: { buildArgs: { V: '2' } },
    'predefined argument': { buildArgs: { http_proxy: 'p' } },
    'argument that nothing uses': { buildArgs: { unused: 'x' } },
    'argument without a value': { unsetArguments: ['unset'] },
    'fixed time': { buildArgs: { SOURCE_DATE_EPOCH: '1700000000' } },
    labels: { labels: { l: '1' } },
    platform: { platform: 'linux/amd64' },
    network: { networkMode: 'none' },
    'host configuration': { hostConfig: { Memory: 1e8 } },
    'BuildKit kind': { asClassic: false },
    'containers that stay': { keepContainers: 'all' },
    'no image': { keepImage: false },
    'no cache': { ignoreCache: true },
    'a stage without cache': { ignoreCacheOf: ['two'] },
    squash: { squash: true },
    pull: { pull: true },
    'another Dockerfile': { dockerfile: 'Other' },
    'not to be found': { target: 'nowhere' },
    tag: { tags: ['BAD'] },
  };
  const tar = context(DOCKERFILE, [...FILES, { name: 'Other', data: `${DOCKERFILE}\nENV other=1` }]);
  await remember({ tar });
  for (const [what, asked] of Object.entries(otherwise)) {
    assert.ok(await builds(what, { tar, ...asked }), what);
    await builds('as before', { tar }); // remembered again
  }
});

test('another byte, name, mode or kind in the context is another context', async () => {
  await remember();
  const changed: Record<string, Buffer> = {
    byte: context(DOCKERFILE, [{ name: 'f', data: 'onf' }, ...FILES.slice(1)]),
    mode: context(DOCKERFILE, [{ name: 'f', data: 'one', mode: 0o755 }, ...FILES.slice(1)]),
    name: context(DOCKERFILE, [...FILES.slice(0, 2), { name: 'd/h', data: 'two', mode: 0o600 }]),
    'a Dockerfile': context(`${DOCKERFILE}\nENV z=1`),
    '.dockerignore': context(DOCKERFILE, [...FILES, { name: '.dockerignore', data: 'd/g' }]),
    'its own ignore file': context(DOCKERFILE, [...FILES, { name: 'Dockerfile.dockerignore', data: 'f' }]),
    nothing: Buffer.alloc(0),
    'no archive': Buffer.from('hello'),
    'cut off': PLAIN.subarray(0, 520),
    packed: gzipSync(PLAIN),
  };
  for (const [what, tar] of Object.entries(changed)) {
    assert.ok(await builds(what, { tar }), what);
    await builds(`${what} again`, { tar });
    await builds(`${what}, a third time`, { tar });
  }
  assert.equal(await builds('as before', {}), false);
});

test('what has changed in the engine since then counts', async () => {
  const remove = (name: string) => (side: Side) =>
    (side.tools.images as ImageStore).remove(name, { force: true, prune: true }).then(() => undefined, String);
  const tag = (from: string, to: string) => (side: Side) => side.tools.images.tag(from, to, '');
  const touched: Record<string, (side: Side) => unknown> = {
    'the base is another image': tag('third', 'base'),
    'and the one it was': tag('other', 'base'),
    'the base of the last stage is another': tag('third', 'other'),
    'the base has one more name': tag('base', 'base2'),
    'the tag is gone': remove('app'),
    'the tag is another image’s': tag('third', 'app'),
    'the cache is empty': (side) => side.prune(),
    'the image is gone, and the cache': async (side) => [await remove('app')(side), await side.prune()],
    'the cache is gone, and then the image': async (side) => [await side.prune(), await remove('app')(side)],
    'the image came back from elsewhere': async (side) => {
      const { config, chainIds } = side.tools.images.find('app') ?? assert.fail();
      await remove('app')(side);
      await side.tools.images.add({ config, chainIds });
    },
    'all is done anew': (side) => side.build({ ...ASKED, ignoreCache: true }),
    'it is the base itself': (side) => side.build({ tar: context('FROM app\nCOPY f /more'), tags: ['app'] }),
    'the base is gone': remove('base'),
  };
  for (const [what, act] of Object.entries(touched)) {
    await remember();
    await both(what, act);
    await builds(`${what}: built`, {});
    await builds(`${what}: and again`, {});
    await builds(`${what}: and a third time`, {});
    await both('put right', (side) => side.build({ tar: context('FROM scratch\nCOPY f /base'), tags: ['base'] }));
  }
});

test('an image of nothing but its configuration, FROM alone, and a build of itself', async () => {
  for (const dockerfile of ['FROM base\nENV only=1', 'FROM base', 'FROM self\nCOPY f /n', 'FROM scratch\nCOPY f /']) {
    const asked = { tar: context(dockerfile), tags: ['self'] };
    await builds('a base of that name', { tar: context('FROM scratch\nCOPY d /'), tags: ['self'] });
    for (let i = 0; i < 4; i++) await builds(`${dockerfile} ${i}`, asked);
  }
});

test('several at once', async () => {
  await remember();
  const outcomes = async (side: Side): Promise<string[]> => {
    const all = await Promise.all([1, 2, 3].map(() => side.build(ASKED)));
    return [...new Set(all.map((one) => JSON.stringify(one)))];
  };
  assert.equal(await both('told again', outcomes), false);
});

test('a larger context comes through whole', async () => {
  const data = Buffer.alloc(3_000_000, 'large');
  const tar = context('FROM scratch\nCOPY large /', [{ name: 'large', data }]);
  for (let i = 0; i < 3; i++) assert.ok(await builds('large', { tar }));
});

test('a layer that only the cache knows is gone', async () => {
  await remember();
  await both('gone', (side) => {
    const { cache, snapshots } = side.tools;
    const made = cache.list().filter(({ outcome }) => outcome.description.startsWith('COPY f /w'));
    return (snapshots as SnapshotStore).remove(made.flatMap(({ outcome }) => outcome.layer?.chainId ?? []));
  });
  assert.ok(await builds('looked at again', {}));
  await builds('and again', {});
});
