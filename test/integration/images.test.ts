/** Images on an engine: names, lists, removal. Words and shapes are those of dockerd 28. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callSocket } from '../support/call-socket.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { sha256 } from '../support/registry-image.ts';
import {
  importSmall,
  listImages,
  refusal,
  removeAllImages,
  type SmallImage,
  type Summary,
} from '../support/small-images.ts';
import { handMadeTar } from '../support/tar-builder.ts';

let engine: TestEngine;
let directory: string;
before(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'slipway-images-'));
  engine = await startTestEngine({ mirror: false });
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => removeAllImages(engine));

const make = (name: string, image: SmallImage = {}): Promise<string> => importSmall(engine, name, image);
const list = (query = ''): Promise<Summary[]> => listImages(engine, query);
const filtered = async (filters: object): Promise<string[]> =>
  (await list(`?filters=${encodeURIComponent(JSON.stringify(filters))}`))
    .flatMap(({ RepoTags, Id }) => (RepoTags.length > 0 ? RepoTags : [Id.slice(7, 19)]))
    .sort();

test('lists and their filters', async () => {
  const first = await make('a/one:1', { message: '1', changes: ['LABEL x=y', 'LABEL only='] });
  await make('two:1', { message: '2', changes: ['LABEL x=z'] });
  const nameless = await make('', { file: 'three', message: '3' });
  await docker(engine, 'tag', 'two:1', 'localhost:5000/two:alias');
  const all = await list();
  assert.deepEqual(
    all.map(({ RepoTags }) => RepoTags),
    [[], ['two:1', 'localhost:5000/two:alias'], ['a/one:1']],
    'newest first',
  );
  const { Created, ...summary } = all.at(-1) ?? assert.fail();
  assert.deepEqual(summary, {
    Containers: 0,
    Id: first,
    Labels: { only: '', x: 'y' },
    ParentId: '',
    RepoDigests: [],
    RepoTags: ['a/one:1'],
    SharedSize: -1,
    Size: 7,
  });
  assert.equal(typeof Created, 'number');
  assert.deepEqual(await filtered({ dangling: ['true'] }), [nameless.slice(7, 19)]);
  assert.deepEqual(await filtered({ dangling: { false: true } }), ['a/one:1', 'localhost:5000/two:alias', 'two:1']);
  assert.deepEqual(await filtered({ label: ['x'] }), ['a/one:1', 'localhost:5000/two:alias', 'two:1']);
  assert.deepEqual(await filtered({ label: ['x=y'] }), ['a/one:1']);
  assert.deepEqual(await filtered({ label: ['x=y', 'nope'] }), []);
  assert.deepEqual(await filtered({ reference: ['two'] }), ['two:1']);
  assert.deepEqual(await filtered({ reference: ['*/*:*'] }), ['a/one:1', 'localhost:5000/two:alias']);
  assert.deepEqual(await filtered({ reference: ['t?o:[0-9]'] }), ['two:1']);
  assert.deepEqual(await filtered({ before: ['two:1'] }), ['a/one:1']);
  assert.deepEqual(await filtered({ since: ['two:1'] }), [nameless.slice(7, 19)]);
  assert.deepEqual(await filtered({ until: ['1h'] }), []);
  const failing = async (filters: object) =>
    refusal(await engine.call('GET', `/images/json?filters=${encodeURIComponent(JSON.stringify(filters))}`));
  assert.deepEqual(await failing({ bad: ['x'] }), [400, "invalid filter 'bad'"]);
  assert.deepEqual(await failing({ dangling: ['maybe'] }), [400, "invalid filter 'dangling=[maybe]'"]);
  assert.deepEqual(await failing({ before: ['nope'] }), [404, 'No such image: nope:latest']);
  assert.deepEqual(await failing({ reference: ['['] }), [500, 'syntax error in pattern']);
  const old = (await engine.call('GET', '/v1.41/images/json')).json<{ RepoTags: string[]; VirtualSize: number }[]>();
  assert.deepEqual([old[0]?.RepoTags, old[0]?.VirtualSize], [['<none>:<none>'], 5]);
});

test('an image is found by every name that it has, and by nothing else', async () => {
  const id = await make('some/image:tag');
  const hex = id.slice(7);
  for (const name of [
    'some/image:tag',
    'docker.io/some/image:tag',
    id,
    hex,
    hex.slice(0, 12),
    `sha256:${hex.slice(0, 5)}`,
  ]) {
    const found = await engine.call('GET', `/images/${name}/json`);
    assert.deepEqual([found.status, found.json<Summary>().Id], [200, id], name);
  }
  const missing: Readonly<Record<string, [number, string]>> = {
    nope: [404, 'No such image: nope:latest'],
    'some/image': [404, 'No such image: some/image:latest'],
    [`sha256:${'0'.repeat(64)}`]: [404, `No such image: sha256:${'0'.repeat(64)}`],
    UP: [400, 'invalid reference format: repository name (library/UP) must be lowercase'],
  };
  for (const [name, expected] of Object.entries(missing)) {
    assert.deepEqual(refusal(await engine.call('GET', `/images/${name}/json`)), expected);
  }
});

test('tags are given, moved and refused', async () => {
  const one = await make('one:1');
  const two = await make('two:1');
  await docker(engine, 'tag', 'one:1', 'name');
  assert.equal((await engine.call('GET', '/images/name:latest/json')).json<Summary>().Id, one);
  assert.equal((await engine.call('POST', '/images/two:1/tag?repo=name&tag=latest')).status, 201);
  assert.equal((await engine.call('GET', '/images/name/json')).json<Summary>().Id, two);
  assert.deepEqual(refusal(await engine.call('POST', '/images/nope/tag?repo=x')), [404, 'No such image: nope:latest']);
  assert.deepEqual(refusal(await engine.call('POST', '/images/one:1/tag?repo=a&tag=b%21')), [
    400,
    'invalid tag format',
  ]);
});

test('removing names and images, with what stands in the way', async () => {
  const id = await make('rm/me:1');
  const short = id.slice(7, 19);
  const layer =
    (await engine.call('GET', '/images/rm/me:1/json')).json<{ RootFS: { Layers: string[] } }>().RootFS.Layers[0] ?? '';
  const remove = (name: string) => engine.call('DELETE', `/images/${name}`);
  await docker(engine, 'tag', 'rm/me:1', 'rm/me:2');
  await docker(engine, 'tag', 'rm/me:1', 'other:1');
  assert.deepEqual((await remove('rm/me:1')).json(), [{ Untagged: 'rm/me:1' }]);
  assert.deepEqual(refusal(await remove(short)), [
    409,
    `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
  ]);
  await remove('other:1');
  const created = (await engine.call('POST', '/containers/create', { Image: 'rm/me:2', Cmd: ['/x'] })).json<{
    Id: string;
  }>().Id;
  const container = created.slice(0, 12);
  assert.deepEqual(refusal(await remove('rm/me:2')), [
    409,
    `conflict: unable to remove repository reference "rm/me:2" (must force) - container ${container} is using its referenced image ${short}`,
  ]);
  assert.deepEqual(refusal(await remove(short)), [
    409,
    `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container ${container}`,
  ]);
  await engine.call('DELETE', `/containers/${created}`);
  assert.deepEqual((await remove('rm/me:2')).json(), [{ Untagged: 'rm/me:2' }, { Deleted: id }, { Deleted: layer }]);
  assert.deepEqual(refusal(await remove('rm/me:2')), [404, 'No such image: rm/me:2']);
  assert.ok(!existsSync(path.join(engine.dataRoot, 'snapshots', layer.slice(7))), 'its layer is gone from the disk');
  assert.deepEqual(readdirSync(path.join(engine.dataRoot, 'content/blobs/sha256')), []);
});

test('a layer that a container stands on outlives its image', async () => {
  const id = await make('base:1', { file: 'kept' });
  const created = (await engine.call('POST', '/containers/create', { Image: 'base:1', Cmd: ['/x'] })).json<{
    Id: string;
  }>().Id;
  const [untagged, deleted, ...more] = (await engine.call('DELETE', '/images/base:1?force=1')).json<object[]>();
  assert.deepEqual([untagged, deleted, more], [{ Untagged: 'base:1' }, { Deleted: id }, []]);
  await docker(engine, 'cp', `${created}:/kept`, path.join(directory, 'kept'));
  assert.equal(readFileSync(path.join(directory, 'kept'), 'utf8'), 'kept');
  const layer = path.join(engine.dataRoot, 'snapshots', sha256(handMadeTar([{ name: 'kept', data: 'kept' }])).slice(7));
  assert.ok(existsSync(layer));
  await engine.call('DELETE', `/containers/${created}`);
  for (let i = 0; i < 100 && existsSync(layer); i++) await sleep(10);
  assert.ok(!existsSync(layer), 'it goes with the container');
});

test('prune removes what has no name, or with all=1 what no container uses', async () => {
  await make('', { file: 'nameless' });
  await make('old:1', { changes: ['LABEL keep=me'] });
  await make('used:1');
  const created = (await engine.call('POST', '/containers/create', { Image: 'used:1', Cmd: ['/x'] })).json<{
    Id: string;
  }>().Id;
  const prune = async (filters: object) =>
    (await engine.call('POST', `/images/prune?filters=${encodeURIComponent(JSON.stringify(filters))}`)).json<{
      ImagesDeleted: object[] | null;
      SpaceReclaimed: number;
    }>();
  assert.deepEqual(await prune({ label: ['nosuch'] }), { ImagesDeleted: null, SpaceReclaimed: 0 });
  const nameless = await prune({});
  assert.deepEqual([nameless.ImagesDeleted?.length, nameless.SpaceReclaimed], [2, 8]);
  assert.deepEqual(await prune({ dangling: ['false'], 'label!': ['keep=me'] }), {
    ImagesDeleted: null,
    SpaceReclaimed: 0,
  });
  await prune({ dangling: ['false'] });
  assert.deepEqual(
    (await list()).map(({ RepoTags }) => RepoTags),
    [['used:1']],
  );
  await engine.call('DELETE', `/containers/${created}`);
});

test('events say what happened to images, with the labels', async () => {
  const since = Math.floor(Date.now() / 1000) - 1;
  const id = await make('ev:1', { changes: ['LABEL l=v'] });
  await docker(engine, 'tag', 'ev:1', 'ev:2');
  await docker(engine, 'save', '-o', path.join(directory, 'ev.tar'), 'ev:1');
  await docker(engine, 'rmi', 'ev:2', 'ev:1');
  await docker(engine, 'load', '-i', path.join(directory, 'ev.tar'));
  const filters = encodeURIComponent(JSON.stringify({ type: ['image'] }));
  const { text } = await engine.call(
    'GET',
    `/events?since=${since}&until=${Math.floor(Date.now() / 1000) + 1}&filters=${filters}`,
  );
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { Action: string; Actor: { ID: string; Attributes: Record<string, string> } });
  const own = events.filter(({ Actor }) => Actor.ID === id);
  assert.deepEqual(
    own.map(({ Action }) => Action),
    ['tag', 'import', 'tag', 'save', 'untag', 'untag', 'delete', 'load'],
  );
  assert.deepEqual(own[0]?.Actor.Attributes, { l: 'v', name: 'ev:1' });
  assert.deepEqual(own.at(-1)?.Actor.Attributes, { l: 'v', name: id });
});

test('disk use counts shared layers once', async () => {
  const id = await make('disk:1', { file: '12345' });
  const created = (await engine.call('POST', '/containers/create', { Image: 'disk:1', Cmd: ['/x'] })).json<{
    Id: string;
  }>().Id;
  const query = `/images/create?${new URLSearchParams({ fromSrc: '-', repo: 'disk:2', changes: 'USER 5' })}`;
  await callSocket(engine.socket, 'POST', query, handMadeTar([{ name: '12345', data: '12345' }]));
  const usage = (await engine.call('GET', '/system/df?type=image')).json<{
    LayersSize?: number;
    Images: Record<string, unknown>[];
  }>();
  assert.equal(usage.LayersSize, 5);
  const first = usage.Images.find(({ Id }) => Id === id);
  assert.deepEqual([first?.['Size'], first?.['SharedSize'], first?.['Containers']], [5, 5, 1]);
  await engine.call('DELETE', `/containers/${created}`);
});

test('an image is shown and removed for its platform only', async () => {
  const id = await make('plat:1');
  const query = (architecture: string): string => encodeURIComponent(JSON.stringify({ os: 'linux', architecture }));
  const mismatch =
    'image with reference plat:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)';
  for (const path of ['json', 'history']) {
    assert.equal((await engine.call('GET', `/images/plat:1/${path}?platform=${query('amd64')}`)).status, 200);
    const refused = await engine.call('GET', `/images/plat:1/${path}?platform=${query('arm64')}`);
    assert.deepEqual(refusal(refused), [404, mismatch]);
  }
  const both = await engine.call('GET', `/images/plat:1/json?manifests=1&platform=${query('amd64')}`);
  assert.deepEqual(refusal(both), [400, 'conflicting options: manifests and platform options cannot both be set']);
  const removal = (architecture: string) => engine.call('DELETE', `/images/plat:1?platforms=${query(architecture)}`);
  assert.deepEqual(refusal(await removal('arm64')), [404, mismatch]);
  assert.equal((await removal('amd64')).json<{ Deleted?: string }[]>()[1]?.Deleted, id);
});

test('clients get what their version of the API has', async () => {
  await make('versions:1');
  const only = async (version: string): Promise<Record<string, unknown>> =>
    (await engine.call('GET', `/v${version}/images/json`)).json<Record<string, unknown>[]>()[0] ?? {};
  const of = async (version: string) => {
    const { Containers, RepoDigests, VirtualSize } = await only(version);
    return [Containers, RepoDigests, VirtualSize];
  };
  assert.deepEqual(await of('1.51'), [0, [], undefined]);
  assert.deepEqual(await of('1.50'), [-1, [], undefined]);
  assert.deepEqual(await of('1.43'), [-1, [], 10]);
  assert.deepEqual(await of('1.42'), [-1, null, 10]);
});

test('what is committed has its image as parent, which then cannot be deleted', async () => {
  const base = await make('base:1');
  const commit = async (of: string, tag: string): Promise<string> => {
    const made = await engine.call('POST', '/containers/create', { Image: of, Cmd: ['/x'] });
    const { Id } = made.json<{ Id: string }>();
    const { Id: image } = (await engine.call('POST', `/commit?container=${Id}&repo=kid&tag=${tag}`, {})).json<{
      Id: string;
    }>();
    await engine.call('DELETE', `/containers/${Id}`);
    return image;
  };
  const kid = await commit('base:1', '1');
  const shown = (await engine.call('GET', `/images/${kid}/json`)).json<{
    Parent: string;
    RootFS: { Layers: string[] };
  }>();
  assert.equal(shown.Parent, base);
  assert.equal(shown.RootFS.Layers.length, 1, 'nothing was changed: no layer');
  const history = (await engine.call('GET', '/images/kid:1/history')).json<{ Id: string; Tags: string[] }[]>();
  assert.deepEqual(
    history.map(({ Id, Tags }) => [Id, Tags]),
    [
      [kid, ['kid:1']],
      [base, ['base:1']],
    ],
  );
  assert.deepEqual((await engine.call('DELETE', '/images/base:1')).json(), [{ Untagged: 'base:1' }]);
  const why = 'image has dependent child images';
  for (const query of ['', '?force=1']) {
    const refused = await engine.call('DELETE', `/images/${base}${query}`);
    assert.deepEqual(refusal(refused), [
      409,
      `conflict: unable to delete ${base.slice(7, 19)} (cannot be forced) - ${why}`,
    ]);
  }
  assert.deepEqual((await engine.call('DELETE', '/images/kid:1?noprune=1')).json(), [
    { Untagged: 'kid:1' },
    { Deleted: kid },
  ]);
  const again = await commit(base, '2');
  const removed = (await engine.call('DELETE', '/images/kid:2')).json<{ Deleted?: string }[]>();
  assert.deepEqual(
    removed.flatMap(({ Deleted = '' }) => (Deleted === again || Deleted === base ? [Deleted] : [])),
    [again, base],
    'the nameless parent goes with its last child',
  );
});
