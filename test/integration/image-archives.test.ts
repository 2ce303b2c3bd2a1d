/** Images from archives and into them: import, save, load. Words and shapes are those of dockerd 28. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { callSocket } from '../support/call-socket.ts';
import { docker, tryDocker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { dockerArchive } from '../support/image-archive.ts';
import { sha256 } from '../support/registry-image.ts';
import {
  importSmall,
  listImages,
  refusal,
  removeAllImages,
  type SmallImage,
  type Summary,
} from '../support/small-images.ts';
import { type HandEntry, handMadeTar } from '../support/tar-builder.ts';

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
const named = async (name: string): Promise<string[]> =>
  (await list(`?filters=${encodeURIComponent(JSON.stringify({ reference: [name] }))}`)).flatMap(
    ({ RepoTags }) => RepoTags,
  );

const TAR = handMadeTar([
  { name: 'bin/', type: '5' },
  { name: 'bin/tool', data: 'tool', mode: 0o755 },
  { name: 'bin/sh', type: '2', linkName: 'tool' },
]);

test('an import is an image of one layer, with the changes asked for', async () => {
  const query = 'fromSrc=-&repo=imp&tag=1&message=hello&changes=CMD%20%5B%22sh%22%5D&changes=ENV%20a%3Db';
  const answer = await callSocket(engine.socket, 'POST', `/images/create?${query}`, gzipSync(TAR));
  const { status: id } = JSON.parse(answer.text) as { status: string };
  const image = (await engine.call('GET', '/images/imp:1/json')).json<Record<string, unknown>>();
  const { Created, GraphDriver, Metadata, ContainerConfig: _forCompose1, ...rest } = image;
  assert.deepEqual(rest, {
    Id: id,
    RepoTags: ['imp:1'],
    RepoDigests: [],
    Parent: '',
    Comment: 'hello',
    DockerVersion: '28.5.2',
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
  const server = createServer(({ url = '' }, response) => {
    if (url === '/nothing') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': TAR.length + (url === '/short' ? 1000 : 0) });
    response.write(TAR, () => (url === '/short' ? response.destroy() : response.end()));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const { text } = await engine.call('POST', `/images/create?fromSrc=${base}/root.tar&repo=from-url&tag=1`);
    const said = text
      .trim()
      .split(/\r?\n/)
      .map((line) => JSON.parse(line) as { status: string; progressDetail?: object });
    assert.equal(said[0]?.status, `Downloading from ${base}/root.tar`);
    assert.deepEqual(said.at(-2)?.progressDetail, { current: TAR.length, total: TAR.length });
    assert.deepEqual(await named('from-url'), ['from-url:1']);
    const missing = await engine.call('POST', `/images/create?fromSrc=${base}/nothing`);
    assert.deepEqual(refusal(missing), [404, `failed to get ${base}/nothing: the server answered 404 Not Found`]);
    const short = await engine.call('POST', `/images/create?fromSrc=${base}/short`);
    assert.match(short.text, /"error":"unexpected EOF: the connection broke after \d+ bytes"/);
  } finally {
    server.close();
  }
  const failing = (query: string, body: Buffer) =>
    callSocket(engine.socket, 'POST', `/images/create?fromSrc=-&${query}`, body).then(refusal);
  assert.deepEqual(await failing('changes=RUN%20x', TAR), [400, 'RUN is not a valid change command']);
  assert.deepEqual(await failing('repo=BAD', TAR), [
    400,
    'invalid reference format: repository name (library/BAD) must be lowercase',
  ]);
  assert.equal((await failing('', Buffer.from('garbage')))[0], 500, 'as with Docker');
  assert.deepEqual(await list('?all=1').then((all) => all.length), 1);
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

test('archives from before Docker 1.10 become the images that Docker makes of them', async () => {
  const [bottom, top] = ['1'.repeat(64), '2'.repeat(64)];
  const json = (id: string, parent: object): string =>
    JSON.stringify({
      id,
      docker_version: '1.9.1',
      ...parent,
      created: '2020-01-01T00:00:00Z',
      container_config: { Cmd: ['x'] },
      config: { Cmd: ['sh'], Env: ['A=b'] },
      architecture: 'amd64',
      os: 'linux',
    });
  const folder = (id: string, parent: object, file: string, data: string) => [
    { name: `${id}/`, type: '5' as const },
    { name: `${id}/VERSION`, data: '1.0' },
    { name: `${id}/json`, data: json(id, parent) },
    { name: `${id}/layer.tar`, data: handMadeTar([{ name: file, data }]) },
  ];
  const archive = handMadeTar([
    ...folder(bottom, {}, 'a', 'one'),
    ...folder(top, { parent: bottom }, 'b', 'two'),
    { name: 'repositories', data: JSON.stringify({ ancient: { one: top } }) },
  ]);
  assert.match((await callSocket(engine.socket, 'POST', '/images/load', archive)).text, /Loaded image: ancient:one/);
  // What Docker 28.5 makes of the same archive.
  const image = (await list()).find(({ RepoTags }) => RepoTags?.includes('ancient:one'));
  assert.match(image?.Id ?? '', /^sha256:8314d5e6/);
  await docker(engine, 'rmi', 'ancient:one');
});

test('archives that are none are refused, and leave nothing', async () => {
  const layer = handMadeTar([{ name: 'x', data: 'x' }]);
  const config = JSON.stringify({ rootfs: { type: 'layers', diff_ids: [`sha256:${'1'.repeat(64)}`] } });
  const manifest = (layers: string[]) => JSON.stringify([{ Config: 'c.json', RepoTags: ['bad:1'], Layers: layers }]);
  const twice = (other: HandEntry) => dockerArchive({ tags: ['bad:2'], layers: [layer], more: [other] });
  const bad: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.from('garbage\n'), /unexpected EOF/],
    [layer, /no manifest\.json, index\.json or repositories/],
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
    // Which of two is meant? Another reader may take the other one.
    [twice({ name: 'config.json', data: '{}' }), /config\.json of the archive cannot be used: it is there twice/],
    [twice({ name: '0/layer.tar', data: handMadeTar([{ name: 'y', data: 'y' }]) }), /layer\.tar .* it is there twice/],
    [twice({ name: './manifest.json', data: '[]' }), /manifest\.json .* it is there twice/],
    [twice({ name: 'config.json', type: '2', linkName: '0/layer.tar' }), /config\.json .* it is there twice/],
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
  const saved = async (name: string) => refusal(await engine.call('GET', `/images/${name}/get`));
  assert.deepEqual(await saved('nope'), [404, 'No such image: nope']);
  assert.deepEqual(await saved('nope:1'), [404, 'reference does not exist: nope:1']);
  assert.deepEqual(await saved('1'.repeat(64)), [404, `No such image: sha256:${'1'.repeat(64)}`]);
  assert.deepEqual(await saved('-nope'), [500, 'invalid reference format'], 'as with Docker');
  assert.equal((await tryDocker(engine, ['save', 'nope'])).code, 1);
});

async function load(archive: Buffer, query = ''): Promise<string[]> {
  const { status, text } = await callSocket(engine.socket, 'POST', `/images/load${query}`, archive);
  const messages = text.split('\r\n').filter((line) => line !== '' && !line.includes('"Loading layer"'));
  return [String(status), ...messages.map((line) => JSON.parse(line)).map(({ stream, error }) => stream ?? error)];
}

const A = handMadeTar([{ name: 'a', data: 'a' }]);
const B = handMadeTar([{ name: 'b', data: 'b' }]);

test('the same file twice in an archive is harmless: tools that write many images do that', async () => {
  const again = { name: '0/layer.tar', data: A };
  const said = await load(dockerArchive({ tags: ['dup:1'], layers: [A], more: [again] }));
  assert.deepEqual(said, ['200', 'Loaded image: dup:1\n']);
});

test('archives are loaded in every compression that tar has', async () => {
  const whole = dockerArchive({ tags: ['packed:1'], layers: [A, B] });
  const through = (program: string): Buffer => execFileSync(program, ['-c'], { input: whole });
  for (const packed of [gzipSync(whole), zstdCompressSync(whole), through('xz'), through('bzip2')]) {
    assert.deepEqual(await load(packed), ['200', 'Loaded image: packed:1\n']);
    await removeAllImages(engine);
  }
  const damaged = gzipSync(whole);
  assert.deepEqual(await load(damaged.subarray(0, damaged.length / 2)), [
    '200',
    'the gzip data is damaged or ends too early',
  ]);
  assert.deepEqual(await list('?all=1'), []);
});

test('an image takes its names with it: Docker tells of the image that loses them', async () => {
  const first = await load(dockerArchive({ tags: ['it:1', 'it:2'], layers: [A] }));
  assert.deepEqual(first, ['200', 'Loaded image: it:1\n', 'Loaded image: it:2\n']);
  const before = (await engine.call('GET', '/images/it:1/json')).json<Summary>().Id;
  const moved = `The image it:1 already exists, renaming the old one with ID ${before} to empty string\n`;
  const other = dockerArchive({ tags: ['it:1'], layers: [B] });
  assert.deepEqual(await load(other), ['200', moved, 'Loaded image: it:1\n']);
  assert.deepEqual(await load(other), ['200', 'Loaded image: it:1\n']);
  assert.deepEqual((await engine.call('GET', `/images/${before}/json`)).json<Summary>().RepoTags, ['it:2']);
});

test('layers that are here need not be in the archive', async () => {
  await load(dockerArchive({ tags: ['whole:1'], layers: [A, B] }));
  const without = dockerArchive({ tags: ['thin:1'], layers: [A, B], files: [], config: { author: 'thin' } });
  assert.deepEqual(await load(without), ['200', 'Loaded image: thin:1\n']);
  await removeAllImages(engine);
  assert.deepEqual(await load(without), ['200', 'the archive lacks the layer 0/layer.tar']);
  assert.deepEqual(await list('?all=1'), []);
});

test('loading and saving for a platform', async () => {
  const platform = (architecture: string, variant?: string): string =>
    `?platform=${encodeURIComponent(JSON.stringify({ os: 'linux', architecture, variant }))}`;
  const archive = dockerArchive({ tags: ['here:1'], layers: [A] });
  for (const [other, shown] of [
    [platform('arm64'), 'arm64'],
    [platform('amd64', 'v2'), 'amd64/v2'],
  ] as const) {
    assert.deepEqual(await load(archive, other), ['200', `the archive has no image for platform linux/${shown}`]);
  }
  assert.deepEqual(await list('?all=1'), []);
  assert.deepEqual(await load(archive, platform('amd64')), ['200', 'Loaded image: here:1\n']);
  assert.equal((await callSocket(engine.socket, 'POST', '/images/load?platform=arm64', archive)).status, 400);
  const save = (query: string) => engine.call('GET', `/images/here:1/get${query}`);
  assert.equal((await save(platform('amd64'))).status, 200);
  const none = refusal(await save(platform('amd64', 'v2')));
  assert.deepEqual(none, [500, 'no suitable export target found for platform linux/amd64/v2']);
});

test('images that cannot be used here are refused', async () => {
  const bad: readonly (readonly [Parameters<typeof dockerArchive>[0], string])[] = [
    [{ tags: ['w:1'], layers: [A], config: { os: 'windows' } }, 'cannot load windows image on linux'],
    [{ tags: [`d@sha256:${'0'.repeat(64)}`], layers: [A] }, `invalid tag "d@sha256:${'0'.repeat(64)}"`],
    [{ tags: ['BAD'], layers: [A] }, 'invalid reference format: repository name (library/BAD) must be lowercase'],
  ];
  for (const [archive, expected] of bad) assert.deepEqual(await load(dockerArchive(archive)), ['200', expected]);
  assert.deepEqual(await list('?all=1'), []);
});

test('an image that was made from another one here is so again after it was saved with it and loaded', async () => {
  await callSocket(engine.socket, 'POST', '/images/create?fromSrc=-&repo=base&tag=1&changes=CMD%20x', gzipSync(TAR));
  const made = (await engine.call('POST', '/containers/create', { Image: 'base:1' })).json<{ Id: string }>().Id;
  const child = (await engine.call('POST', `/commit?container=${made}&comment=x`, {})).json<{ Id: string }>().Id;
  await engine.call('DELETE', `/containers/${made}`);
  const parent = async (): Promise<string> =>
    (await engine.call('GET', `/images/${child}/json`)).json<{ Parent: string }>().Parent;
  const base = await parent();
  for (const [names, wanted] of [
    [[child, 'base:1'], base],
    [[child], ''],
  ] as const) {
    const file = path.join(directory, 'made.tar');
    await docker(engine, 'save', '-o', file, ...names);
    await docker(engine, 'rmi', '--no-prune', child);
    await docker(engine, 'load', '-q', '-i', file);
    assert.equal(await parent(), wanted);
  }
  for (const name of [child, 'base:1']) await engine.call('DELETE', `/images/${name}`);
});
