/** Images on an engine: names, lists, removal, archives. Words and shapes are those of dockerd 28. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type Answer, callSocket } from '../support/call-socket.ts';
import { docker, tryDocker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { sha256 } from '../support/registry-image.ts';
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
beforeEach(async () => {
  const ids = await list('?all=1');
  for (const { Id } of ids) await engine.call('DELETE', `/images/${Id}?force=1`);
  assert.deepEqual(await list('?all=1'), []);
});

interface Summary {
  readonly Id: string;
  readonly RepoTags: string[];
  readonly [name: string]: unknown;
}

const list = async (query = ''): Promise<Summary[]> => (await engine.call('GET', `/images/json${query}`)).json();
const filtered = async (filters: object): Promise<string[]> =>
  (await list(`?filters=${encodeURIComponent(JSON.stringify(filters))}`))
    .flatMap(({ RepoTags, Id }) => (RepoTags.length > 0 ? RepoTags : [Id.slice(7, 19)]))
    .sort();
const message = (answer: Answer): [number, unknown] => [answer.status, answer.json<{ message: string }>().message];

const TAR = handMadeTar([
  { name: 'bin/', type: '5' },
  { name: 'bin/tool', data: 'tool', mode: 0o755 },
  { name: 'bin/sh', type: '2', linkName: 'tool' },
]);

/** Imports a one-file image; gives its id. */
async function make(name: string, { file = name, changes = [] as string[], message: text = '' } = {}): Promise<string> {
  const tar = handMadeTar([{ name: file, data: file }]);
  const query = new URLSearchParams({ fromSrc: '-', repo: name, message: text });
  for (const change of changes) query.append('changes', change);
  const answer = await callSocket(engine.socket, 'POST', `/images/create?${query}`, tar);
  assert.equal(answer.status, 200, answer.text);
  return (JSON.parse(answer.text) as { status: string }).status;
}

test('an import is an image of one layer, with the changes asked for', async () => {
  const query = 'fromSrc=-&repo=imp&tag=1&message=hello&changes=CMD%20%5B%22sh%22%5D&changes=ENV%20a%3Db';
  const answer = await callSocket(engine.socket, 'POST', `/images/create?${query}`, gzipSync(TAR));
  const { status: id } = JSON.parse(answer.text) as { status: string };
  const image = (await engine.call('GET', '/images/imp:1/json')).json<Record<string, unknown>>();
  const { Created, GraphDriver, Metadata, ...rest } = image;
  assert.deepEqual(rest, {
    Id: id,
    RepoTags: ['imp:1'],
    RepoDigests: [],
    Parent: '',
    Comment: 'hello',
    DockerVersion: '',
    Author: '',
    Architecture: rest['Architecture'],
    Os: 'linux',
    Size: 4 + 4,
    RootFS: { Type: 'layers', Layers: [sha256(TAR)] },
    Config: {
      Cmd: ['sh'],
      Entrypoint: null,
      Env: ['a=b'],
      Labels: null,
      OnBuild: null,
      User: '',
      Volumes: null,
      WorkingDir: '',
    },
  });
  assert.ok(Math.abs(Date.parse(String(Created)) - Date.now()) < 60_000);
  assert.ok(Date.parse((Metadata as { LastTagTime: string }).LastTagTime) > Date.now() - 60_000);
  const { Name, Data } = GraphDriver as { Name: string; Data: { UpperDir: string } };
  assert.equal(Name, 'overlay2');
  assert.equal(readFileSync(path.join(Data.UpperDir, 'bin/tool'), 'utf8'), 'tool');
  const history = (await engine.call('GET', '/images/imp:1/history')).json<Record<string, unknown>[]>();
  assert.deepEqual(history, [
    { Comment: 'hello', Created: history[0]?.['Created'], CreatedBy: '', Id: id, Size: 8, Tags: ['imp:1'] },
  ]);
});

test('an import from a URL; imports that cannot be', async () => {
  const server = createServer((_request, response) => response.end(TAR)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/root.tar`;
  try {
    await docker(engine, 'import', url, 'from-url:1');
    assert.deepEqual(await filtered({ reference: ['from-url'] }), ['from-url:1']);
  } finally {
    server.close();
  }
  const failing = (query: string, body: Buffer) =>
    callSocket(engine.socket, 'POST', `/images/create?fromSrc=-&${query}`, body).then(message);
  assert.deepEqual(await failing('changes=RUN%20x', TAR), [400, 'RUN is not a valid change command']);
  assert.deepEqual(await failing('repo=BAD', TAR), [
    400,
    'invalid reference format: repository name (library/BAD) must be lowercase',
  ]);
  assert.equal((await failing('', Buffer.from('garbage')))[0], 400);
  assert.deepEqual(await list('?all=1').then((all) => all.length), 1);
});

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
    message(await engine.call('GET', `/images/json?filters=${encodeURIComponent(JSON.stringify(filters))}`));
  assert.deepEqual(await failing({ bad: ['x'] }), [400, "invalid filter 'bad'"]);
  assert.deepEqual(await failing({ dangling: ['maybe'] }), [400, "invalid filter 'dangling=[maybe]'"]);
  assert.deepEqual(await failing({ before: ['nope'] }), [404, 'No such image: nope:latest']);
  assert.deepEqual(await failing({ reference: ['['] }), [400, 'syntax error in pattern']);
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
    assert.deepEqual(message(await engine.call('GET', `/images/${name}/json`)), expected);
  }
});

test('tags are given, moved and refused', async () => {
  const one = await make('one:1');
  const two = await make('two:1');
  await docker(engine, 'tag', 'one:1', 'name');
  assert.equal((await engine.call('GET', '/images/name:latest/json')).json<Summary>().Id, one);
  assert.equal((await engine.call('POST', '/images/two:1/tag?repo=name&tag=latest')).status, 201);
  assert.equal((await engine.call('GET', '/images/name/json')).json<Summary>().Id, two);
  assert.deepEqual(message(await engine.call('POST', '/images/nope/tag?repo=x')), [404, 'No such image: nope:latest']);
  assert.deepEqual(message(await engine.call('POST', '/images/one:1/tag?repo=a&tag=b%21')), [
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
  assert.deepEqual(message(await remove(short)), [
    409,
    `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
  ]);
  await remove('other:1');
  const created = (await engine.call('POST', '/containers/create', { Image: 'rm/me:2', Cmd: ['/x'] })).json<{
    Id: string;
  }>().Id;
  const container = created.slice(0, 12);
  assert.deepEqual(message(await remove('rm/me:2')), [
    409,
    `conflict: unable to remove repository reference "rm/me:2" (must force) - container ${container} is using its referenced image ${short}`,
  ]);
  assert.deepEqual(message(await remove(short)), [
    409,
    `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container ${container}`,
  ]);
  await engine.call('DELETE', `/containers/${created}`);
  assert.deepEqual((await remove('rm/me:2')).json(), [{ Untagged: 'rm/me:2' }, { Deleted: id }, { Deleted: layer }]);
  assert.deepEqual(message(await remove('rm/me:2')), [404, 'No such image: rm/me:2']);
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

test('a saved archive is one of Docker 28, and loads again to the same image', async () => {
  const file = path.join(directory, 'saved.tar');
  const id = await make('save/me:1', { file: 'f'.repeat(150) });
  await docker(engine, 'tag', 'save/me:1', 'save/me:2');
  const other = await make('other:1');
  await docker(engine, 'save', '-o', file, 'save/me:1', 'save/me:2', 'other:1');
  const { stdout } = await docker(engine, 'rmi', '-f', id.slice(7, 19), other.slice(7, 19));
  assert.match(stdout, /Deleted: sha256:/);
  const loaded = await callSocket(engine.socket, 'POST', '/images/load?quiet=1', readFileSync(file));
  const said = loaded.text
    .trim()
    .split('\r\n')
    .map((line) => (JSON.parse(line) as { stream: string }).stream);
  assert.deepEqual(said, ['Loaded image: save/me:1\n', 'Loaded image: save/me:2\n', 'Loaded image: other:1\n']);
  assert.deepEqual(
    new Map((await list()).map((image) => [image.Id, image.RepoTags])),
    new Map([
      [id, ['save/me:1', 'save/me:2']],
      [other, ['other:1']],
    ]),
  );
  // By id there is no name in it, by repository there are all of them; gzip is taken as well.
  await docker(engine, 'save', '-o', file, id.slice(7, 19));
  await docker(engine, 'rmi', '-f', id);
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
  assert.match((await docker(engine, 'load', '-i', `${file}.gz`)).stdout, new RegExp(`Loaded image ID: ${id}`));
  await docker(engine, 'tag', id, 'all:a');
  await docker(engine, 'tag', id, 'all:b');
  await docker(engine, 'save', '-o', file, 'all');
  await docker(engine, 'rmi', '-f', id);
  assert.match((await docker(engine, 'load', '-i', file)).stdout, /all:a\n.*all:b\n/);
});

test('archives of other tools: OCI layouts, compressed layers, old docker archives with links', async () => {
  const layers = [
    handMadeTar([{ name: 'a', data: 'a' }]),
    handMadeTar([{ name: 'b', data: 'b' }]),
    handMadeTar([{ name: 'a', data: 'a' }]),
  ];
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map(sha256) },
    }),
  );
  const entry = (bytes: Buffer) => ({ name: `blobs/sha256/${sha256(bytes).slice(7)}`, data: bytes });
  const descriptor = (bytes: Buffer, mediaType: string) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
  const zipped = layers.map((layer) => gzipSync(layer));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      config: descriptor(config, 'application/vnd.oci.image.config.v1+json'),
      layers: zipped.map((layer) => descriptor(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')),
    }),
  );
  const annotations = { 'io.containerd.image.name': 'docker.io/library/oci:1' };
  const index = {
    schemaVersion: 2,
    manifests: [{ ...descriptor(manifest, 'application/vnd.oci.image.manifest.v1+json'), annotations }],
  };
  const oci = handMadeTar([
    { name: 'index.json', data: JSON.stringify(index) },
    { name: 'oci-layout', data: '{}' },
    ...[...zipped, config, manifest].map(entry),
  ]);
  assert.match((await callSocket(engine.socket, 'POST', '/images/load', oci)).text, /Loaded image: oci:1/);
  const old = handMadeTar([
    { name: './', type: '5' },
    { name: './aaa/layer.tar', data: layers[0] as Buffer },
    { name: './bbb/layer.tar', data: layers[1] as Buffer },
    { name: './ccc/layer.tar', type: '2', linkName: '../aaa/layer.tar' },
    { name: './c.json', data: config },
    {
      name: 'manifest.json',
      data: JSON.stringify([
        { Config: 'c.json', RepoTags: ['old:1'], Layers: ['aaa', 'bbb', 'ccc'].map((d) => `${d}/layer.tar`) },
      ]),
    },
  ]);
  assert.match((await callSocket(engine.socket, 'POST', '/images/load', old)).text, /Loaded image: old:1/);
  const [image, ...more] = await list();
  assert.deepEqual([image?.RepoTags, more], [['oci:1', 'old:1'], []], 'one image: the configuration is the same');
  const files = await docker(engine, 'save', '-o', path.join(directory, 'again.tar'), 'old:1');
  assert.equal(files.code, 0);
});

test('archives that are none are refused, and leave nothing', async () => {
  const layer = handMadeTar([{ name: 'x', data: 'x' }]);
  const config = JSON.stringify({ rootfs: { type: 'layers', diff_ids: [`sha256:${'1'.repeat(64)}`] } });
  const manifest = (layers: string[]) => JSON.stringify([{ Config: 'c.json', RepoTags: ['bad:1'], Layers: layers }]);
  const bad: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.from('garbage\n'), /unexpected EOF/],
    [layer, /neither manifest\.json nor index\.json/],
    [handMadeTar([{ name: 'manifest.json', data: 'no json' }]), /manifest\.json of the archive is malformed/],
    [handMadeTar([{ name: 'manifest.json', data: manifest(['l.tar']) }]), /lacks the configuration c\.json/],
    [
      handMadeTar([
        { name: 'c.json', data: config },
        { name: 'manifest.json', data: manifest(['l.tar']) },
      ]),
      /lacks the layer l\.tar/,
    ],
    [
      handMadeTar([
        { name: 'c.json', data: config },
        { name: 'l.tar', data: layer },
        { name: 'manifest.json', data: manifest(['l.tar']) },
      ]),
      /its content is not/,
    ],
    [
      handMadeTar([
        { name: 'c.json', data: config },
        { name: 'l.tar', data: handMadeTar([{ name: '../x', data: 'x' }]) },
        { name: 'manifest.json', data: manifest(['l.tar']) },
      ]),
      /outside of the layer's root/,
    ],
  ];
  for (const [archive, expected] of bad) {
    const { text } = await callSocket(engine.socket, 'POST', '/images/load', archive);
    assert.match(text, expected);
  }
  assert.deepEqual(await list('?all=1'), []);
  assert.deepEqual(
    readdirSync(path.join(engine.dataRoot, 'snapshots')).filter((name) => name.length > 10),
    [],
    'no layer stays',
  );
  assert.deepEqual(message(await engine.call('GET', '/images/nope/get')), [404, 'No such image: nope']);
  assert.equal((await tryDocker(engine, ['save', 'nope'])).code, 1);
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
