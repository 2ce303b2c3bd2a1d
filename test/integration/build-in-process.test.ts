/** The builder as a part, over real layers: identity of images, layers, upkeep, and what is left behind. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type ChildProcess, execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import { createRootMounts, sweepRootMounts } from '../../runtime-agent/src/build/mounted-root.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { type BuildWorld, openBuildWorld } from '../support/build-world.ts';
import type { HandEntry } from '../support/tar-builder.ts';

let root = '';
let world: BuildWorld;
beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-builder-'));
  world = await openBuildWorld(root);
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

const FILES: HandEntry[] = [
  { name: 'f', data: 'one' },
  { name: 'd/g', data: 'two', mode: 0o600 },
];
const read = (id: string, file: string): string | undefined => {
  const found = world.hostPaths(id, file).find((host) => existsSync(host));
  return found === undefined ? undefined : readFileSync(found, 'utf8');
};
const mounts = (): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(root));

function assertClean(): void {
  const left = ['work', 'contexts'].flatMap((name) => {
    const folder = path.join(root, 'build', name);
    return existsSync(folder) ? readdirSync(folder) : [];
  });
  assert.deepEqual([left, mounts()], [[], []]);
}

test('the engine starts no program for a layer of a few files, and one for a larger one', async () => {
  await world.build('FROM scratch\nWORKDIR /warm'); // the shells start with the first step
  const started: ChildProcess[] = [];
  const note = (message: unknown): void => void started.push((message as { process: ChildProcess }).process);
  const large = { name: 'large', data: 'x'.repeat(500_000) };
  subscribe('child_process', note);
  try {
    const lines = [
      'FROM scratch',
      'WORKDIR /w',
      'COPY f /w/',
      'COPY d /w/d',
      'COPY large /',
      'WORKDIR /w/e',
      'ENV a=b',
    ];
    const { id } = await world.build(lines.join('\n'), [...FILES, large], { ignoreCache: true });
    // Reading a layer's tar again checks it: what was read for its digest through the shell, and what a child reads.
    for (const chainId of world.images.resolve(id).chainIds) for await (const _ of await world.snapshots.tar(chainId));
  } finally {
    unsubscribe('child_process', note);
  }
  const programs = started.map(({ spawnfile }) => spawnfile).filter((program) => program !== 'sync');
  assert.deepEqual(programs, Array<string>(1 + 5).fill('tar'), 'one for the large layer, and five that check');
});

test('an image: its layers, history and configuration', async () => {
  const dockerfile = 'FROM scratch\nLABEL a=b\nCOPY f /x/\nWORKDIR /w\nWORKDIR /w\nMAINTAINER me\nCMD ["/x/f"]';
  const { id, said } = await world.build(dockerfile, FILES, { tags: ['t:1', 'host:5000/u'] });
  const { config, chainIds, repoTags } = world.images.resolve(id);
  assert.equal(read(id, 'x/f'), 'one');
  assert.deepEqual([...repoTags].sort(), ['host:5000/u:latest', 't:1']);
  assert.equal(chainIds.length, 3, 'a label and a command are no layers; a folder that is there is an empty one');
  assert.equal(config.rootfs.diff_ids.length, 3);
  const history = config.history ?? [];
  assert.deepEqual(
    history.map(({ created_by, empty_layer }) => [created_by, empty_layer ?? false]),
    [
      ['LABEL a=b', true],
      ['COPY f /x/ # buildkit', false],
      ['WORKDIR /w', false],
      ['WORKDIR /w', false],
      ['MAINTAINER me', true],
      ['CMD ["/x/f"]', true],
    ],
  );
  assert.deepEqual([config.author, config.config?.WorkingDir, config.created], ['me', '/w', history.at(-1)?.created]);
  assert.match(
    said,
    new RegExp(
      `Successfully built ${id.slice(7, 19)}\nSuccessfully tagged t:1\nSuccessfully tagged host:5000/u:latest\n$`,
    ),
  );
  assertClean();
});

test('the same build is the same image; with a fixed time it is, even without the cache', async () => {
  const dockerfile = 'FROM scratch\nCOPY f d /\nLABEL a=b';
  const first = await world.build(dockerfile, FILES);
  const second = await world.build(dockerfile, FILES);
  assert.equal(second.id, first.id);
  assert.equal(second.said.split('Using cache').length - 1, 2);
  const metadata = 'FROM scratch\nLABEL a=b\nENV c=d';
  const bare = await world.build(metadata);
  assert.equal((await world.build(metadata, [], { ignoreCache: true })).id, bare.id, 'what has no layer has no time');
  assert.equal(world.images.resolve(bare.id).config.created, undefined);
  const buildArgs = { SOURCE_DATE_EPOCH: '1000' };
  const fixed = await world.build(dockerfile, FILES, { buildArgs, ignoreCache: true });
  const again = await world.build(dockerfile, FILES, { buildArgs, ignoreCache: true });
  assert.equal(fixed.id, again.id);
  assert.equal(world.images.resolve(fixed.id).config.created, '1970-01-01T00:16:40.000Z');
});

test('rewritten times: two builds at different times are one image, and its base stays as it was', async () => {
  const base = await world.build('FROM scratch\nCOPY f /base', [{ name: 'f', data: 'b', mtime: '2000000000' }], {
    tags: ['old'],
  });
  const dockerfile = 'FROM old\nWORKDIR /w\nCOPY f d /';
  const build = async (mtime: number): Promise<string> => {
    const entries = FILES.map((entry) => ({ ...entry, mtime: String(mtime) }));
    const buildArgs = { SOURCE_DATE_EPOCH: '1000' };
    return (await world.build(dockerfile, entries, { buildArgs, ignoreCache: true, rewriteTimes: true })).id;
  };
  const id = await build(1_800_000_000);
  assert.equal(await build(1_900_000_000), id);
  assert.notEqual(await build(5), id, 'older files keep their time');
  const { chainIds } = world.images.resolve(id);
  assert.equal(chainIds[0], world.images.resolve(base.id).chainIds[0]);
  const times = ['w', 'f', 'g'].map((file) => {
    const found = world.hostPaths(id, file).find((host) => existsSync(host)) ?? assert.fail();
    return statSync(found).mtimeMs / 1000;
  });
  assert.deepEqual(times, [1000, 1000, 1000]);
  await assert.rejects(world.build(dockerfile, FILES, { rewriteTimes: true }), /needs SOURCE_DATE_EPOCH/);
  const bad = { buildArgs: { SOURCE_DATE_EPOCH: 'today' } };
  await assert.rejects(world.build(dockerfile, FILES, bad), /invalid SOURCE_DATE_EPOCH: today/);
});

test('a stage builds on an image made before; the parent is known', async () => {
  const base = await world.build('FROM scratch\nCOPY f /\nENV A=1\nONBUILD ENV B=2', FILES, { tags: ['base'] });
  const child = await world.build('FROM base\nCOPY d/g /', FILES);
  const { config, chainIds, parent } = world.images.resolve(child.id);
  assert.deepEqual(chainIds[0], world.images.resolve(base.id).chainIds[0]);
  assert.deepEqual([parent, config.config?.OnBuild, config.history?.length], [base.id, undefined, 4]);
  assert.ok(config.config?.Env?.includes('A=1') && config.config.Env.includes('B=2'));
  assert.match(child.said, /# Executing 1 build trigger\n/);
  const same = await world.build('FROM base', [], { tags: ['again'] });
  assert.notEqual(same.id, base.id, 'its trigger has fired');
});

test('FROM alone gives the image another name', async () => {
  const base = await world.build('FROM scratch\nCOPY f /', FILES, { tags: ['base'] });
  const { id } = await world.build('FROM base', [], { tags: ['other:1'] });
  assert.equal(id, base.id);
  assert.deepEqual([...world.images.resolve(id).repoTags].sort(), ['base:latest', 'other:1']);
});

test('what fails leaves nothing: no mount, no file, no image', async () => {
  const failing = [
    'FROM scratch\nCOPY f /\nCOPY nothing /',
    'FROM scratch\nCOPY f /x\nCOPY d /x',
    'FROM scratch\nRUN true',
    'FROM scratch\nADD http://127.0.0.1:1/x /',
  ];
  for (const dockerfile of failing) {
    await assert.rejects(world.build(dockerfile, FILES), { name: 'EngineError' }, dockerfile);
    assertClean();
  }
  assert.deepEqual(world.images.list(), []);
  await assert.rejects(world.build('FROM scratch', [], { tags: ['UPPER'] }), {
    code: 'invalid',
    message: /must be lowercase/,
  });
  const digest = `a@sha256:${'0'.repeat(64)}`;
  await assert.rejects(world.build('FROM scratch', [], { tags: [digest] }), { message: /cannot have a digest/ });
});

test('an aborted build is cancelled and leaves nothing', async () => {
  const many = Array.from({ length: 2000 }, (_, i) => ({ name: `d/${i}`, data: 'x' }));
  const controller = new AbortController();
  const building = world.build('FROM scratch\nCOPY d /', many, {
    signal: controller.signal,
    onEvent: ({ kind }) => {
      if (kind === 'text') controller.abort();
    },
  });
  await assert.rejects(building, { code: 'cancelled', message: 'the build was cancelled' });
  assertClean();
});

test('layers stay while something stands on them, and go when nothing does', async () => {
  const { id } = await world.build('FROM scratch\nCOPY f /a\nCOPY d /b', FILES, { tags: ['x'] });
  const { chainIds } = world.images.resolve(id);
  await world.images.remove('x', { force: true, prune: true });
  assert.ok(
    chainIds.every((chainId) => world.snapshots.has(chainId)),
    'the cache stands on them',
  );
  const { SpaceReclaimed, CachesDeleted } = await world.builder.upkeep.prune({});
  assert.deepEqual([CachesDeleted.length, SpaceReclaimed], [2, 'onetwo'.length]);
  assert.ok(chainIds.every((chainId) => !world.snapshots.has(chainId)));
  const again = await world.build('FROM scratch\nCOPY f /a\nCOPY d /b', FILES);
  assert.equal(again.said.includes('Using cache'), false);
});

test('a build in progress keeps what it has made', async () => {
  let swept = -1;
  const entries = [...FILES, { name: 'h', data: 'three' }];
  await world.build('FROM scratch\nCOPY f /\nCOPY d /\nCOPY h /', entries, {
    onEvent: (event) => {
      if (event.kind === 'text' && event.text.startsWith('Step 3')) {
        // Someone clears everything while the second layer is made.
        void world.builder.upkeep.prune({}).then(({ SpaceReclaimed }) => (swept = SpaceReclaimed));
      }
    },
  });
  assert.equal(swept, 0);
});

test('--link layers are the same whatever is below them', async () => {
  const one = await world.build('FROM scratch\nCOPY f /below\nCOPY --link d/g /link/deep/g', FILES);
  const two = await world.build('FROM scratch\nCOPY d/g /below\nCOPY --link d/g /link/deep/g', FILES);
  const [a, b] = [one, two].map(({ id }) => world.images.resolve(id).config.rootfs.diff_ids);
  assert.notEqual(a?.[0], b?.[0]);
  assert.equal(a?.[1], b?.[1]);
  assert.match(two.said, /Using cache/);
  assert.equal(read(two.id, 'link/deep/g'), 'two');
  assert.equal(statSync(world.hostPaths(two.id, 'link/deep/g')[0] ?? '').mode & 0o777, 0o600);
});

test('a root: its changes become a layer, no change an empty one', async () => {
  const base = await world.build('FROM scratch\nCOPY f /', FILES);
  const { chainIds } = world.images.resolve(base.id);
  const directory = path.join(root, 'build/other');
  const roots = createRootMounts({ host: linuxHost, snapshots: world.snapshots, directory });
  {
    await using unchanged = await roots.open(chainIds);
    assert.equal(readFileSync(path.join(unchanged.path, 'f'), 'utf8'), 'one');
    assert.equal((await unchanged.commit()).size, 0);
  }
  {
    await using changed = await roots.open(chainIds);
    mkdirSync(path.join(changed.path, 'new'));
    const layer = await changed.commit();
    assert.ok(layer && world.snapshots.has(layer.chainId));
  }
  {
    await using dropped = await roots.open(chainIds);
    mkdirSync(path.join(dropped.path, 'never'));
  }
  await assert.rejects(roots.open(['sha256:nothing']), { code: 'not-found' });
  assert.deepEqual([readdirSync(directory), mounts()], [[], []]);
});

test('what a killed engine left is swept', async () => {
  const directory = path.join(root, 'build/left over');
  const roots = createRootMounts({ host: linuxHost, snapshots: world.snapshots, directory });
  const left = await roots.open([]);
  execFileSync('touch', [path.join(left.path, 'f')]);
  assert.equal(mounts().length, 1);
  await sweepRootMounts(linuxHost, directory);
  assert.deepEqual([existsSync(directory), mounts()], [false, []]);
});

test('the end of the builder ends its builds', async () => {
  const never = new Readable({ read() {} });
  const building = world.build('', [], { context: never });
  building.catch(() => {});
  await world.builder[Symbol.asyncDispose]();
  never.destroy();
  await assert.rejects(building);
  assertClean();
});

test('a stage that is another one and nothing more has its configuration', async () => {
  const { id } = await world.build('FROM scratch AS a\nENV x=1\nUSER u\nFROM a AS b\nFROM b');
  const { config } = world.images.resolve(id).config;
  assert.deepEqual([config?.User, config?.Env?.at(-1)], ['u', 'x=1']);
});
