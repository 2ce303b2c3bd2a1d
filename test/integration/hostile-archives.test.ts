/**
 * Archives made to break out, to fill the machine or to confuse, in at every door: pull, load, import, ADD and `docker cp`.
 * Each is refused with a clear error, or lands inside; nothing outside changes, and nothing of a refused one stays.
 */
import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type Registry, startRegistry } from '../../tools/world/registry.ts';
import { callSocket } from '../support/call-socket.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { dockerArchive } from '../support/image-archive.ts';
import { pushImage, sha256 } from '../support/registry-image.ts';
import { importSmall, listImages } from '../support/small-images.ts';
import { type HandEntry, handMadeTar } from '../support/tar-builder.ts';

let engine: TestEngine;
let registry: Registry;
let outside: string;
let container: string;

before(async () => {
  outside = mkdtempSync(path.join(tmpdir(), 'slipway-bait-'));
  writeFileSync(path.join(outside, 'secret'), 'untouched', { mode: 0o600 });
  registry = await startRegistry();
  engine = await startTestEngine({ mirror: false });
  await importSmall(engine, 'base:1');
  const made = await engine.call('POST', '/containers/create', { Image: 'base:1', Cmd: ['/x'] });
  container = made.json<{ Id: string }>().Id;
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  if (outside) rmSync(outside, { recursive: true, force: true });
});

function checkOutside(label: string): void {
  assert.deepEqual(readdirSync(outside), ['secret'], label);
  const { mode, nlink, size } = lstatSync(path.join(outside, 'secret'));
  assert.deepEqual([mode & 0o777, nlink, size], [0o600, 1, 9], label);
  assert.equal(readFileSync(path.join(outside, 'secret'), 'utf8'), 'untouched', label);
}

/** What is under way, or was left: nothing, once the engine has answered. */
function leftovers(): string[] {
  return ['content/ingest', 'snapshots/tmp'].flatMap((name) => readdirSync(path.join(engine.dataRoot, name)));
}

interface Outcome {
  readonly refused: boolean;
  readonly said: string;
}
type Door = (tar: Buffer, number: number) => Promise<Outcome>;

async function post(url: string, body: Buffer): Promise<Outcome> {
  const { status, text } = await callSocket(engine.socket, 'POST', url, body);
  return { refused: status >= 400 || text.includes('"errorDetail"'), said: text.slice(-8000) };
}

const DOORS: Readonly<Record<string, Door>> = {
  async pull(tar, number) {
    await pushImage(registry.url, `hostile/pull:${number}`, { layers: [tar] });
    return post(`/images/create?fromImage=${registry.host}/hostile/pull:${number}`, Buffer.alloc(0));
  },
  load: (tar, number) => post('/images/load', dockerArchive({ tags: [`hostile-load:${number}`], layers: [tar] })),
  import: (tar, number) => post(`/images/create?fromSrc=-&repo=hostile-import&tag=${number}`, tar),
  ADD(tar, number) {
    const dockerfile = { name: 'Dockerfile', data: 'FROM base:1\nADD it.tar /in/' };
    return post(`/build?t=hostile-add:${number}`, handMadeTar([dockerfile, { name: 'it.tar', data: tar }]));
  },
  async cp(tar) {
    const { status, text } = await callSocket(engine.socket, 'PUT', `/containers/${container}/archive?path=/`, tar);
    return { refused: status >= 400, said: text };
  },
};

const dots = '../'.repeat(14);
/** Entries; aimed at `outside`. */
const escapes = (): Readonly<Record<string, readonly HandEntry[]>> => ({
  'a name with dots': [{ name: `${dots}${outside}/secret`, data: 'x' }],
  'a name with dots inside': [{ name: `a/b/${dots}${outside}/new`, data: 'x' }],
  'an absolute name': [{ name: `${outside}/new`, data: 'x' }],
  'through an absolute link': [
    { name: 'link', type: '2', linkName: outside },
    { name: 'link/new', data: 'x' },
    { name: 'link/secret', data: 'x' },
  ],
  'through a link with dots': [
    { name: 'link', type: '2', linkName: `${dots}${outside}` },
    { name: 'link/secret', data: 'x' },
  ],
  'through two links': [
    { name: 'one', type: '2', linkName: dots },
    { name: 'two', type: '2', linkName: `one${outside}` },
    { name: 'two/secret', data: 'x' },
  ],
  'over a link to a file': [
    { name: 'link', type: '2', linkName: `${outside}/secret` },
    { name: 'link', data: 'x' },
  ],
  'a hard link to a file outside': [{ name: 'hard', type: '1', linkName: `${outside}/secret` }],
  'a hard link with dots, then written': [
    { name: 'hard', type: '1', linkName: `${dots}${outside}/secret` },
    { name: 'hard', data: 'x' },
  ],
  'a hard link through a link': [
    { name: 'link', type: '2', linkName: outside },
    { name: 'hard', type: '1', linkName: 'link/secret' },
    { name: 'hard', data: 'x' },
  ],
  'a directory over a link, with a mode': [
    { name: 'link', type: '2', linkName: outside },
    { name: 'link/', type: '5', mode: 0o777 },
    { name: 'link/new', data: 'x' },
  ],
  'a whiteout outside': [{ name: `${dots}${outside}/.wh.secret` }],
  'a whiteout through a link': [
    { name: 'link', type: '2', linkName: outside },
    { name: 'link/.wh.secret' },
    { name: 'link/.wh..wh..opq' },
  ],
  'whiteouts of dots': [{ name: '.wh..' }, { name: '.wh...' }],
  'an opaque root': [{ name: '.wh..wh..opq' }, { name: 'f', data: 'x' }],
  'one name as file, link and directory': [
    { name: 'n', data: 'x' },
    { name: 'n', type: '2', linkName: outside },
    { name: 'n', type: '5' },
    { name: 'n/new', data: 'x' },
  ],
  'a long name in pieces': [{ name: `${'d/'.repeat(80)}${dots.repeat(8)}${outside}/new`, data: 'x' }],
  'names that are no UTF-8': [
    { name: 'caf\xe9', data: 'x' },
    { name: '\xff\xfe/x', data: 'y' },
  ],
  'links in a circle': [
    { name: 'a', type: '2', linkName: 'b' },
    { name: 'b', type: '2', linkName: 'a' },
    { name: 'a/new', data: 'x' },
  ],
});

for (const [name, door] of Object.entries(DOORS)) {
  test(`${name}: nothing gets out, and what is refused leaves nothing`, async () => {
    let number = 0;
    for (const [label, entries] of Object.entries(escapes())) {
      const before = (await listImages(engine, '?all=1')).length;
      const { refused, said } = await door(handMadeTar(entries), number++);
      checkOutside(`${name}: ${label}: ${said}`);
      assert.deepEqual(leftovers(), [], `${name}: ${label}`);
      if (!refused) continue;
      assert.match(said, /"(message|error)":".{10,}/, `${name}: ${label}: a refusal says why`);
      assert.equal((await listImages(engine, '?all=1')).length, before, `${name}: ${label}: no image of it`);
    }
  });
}

/** Archives that are damaged, or claim what they do not have. */
function broken(): Readonly<Record<string, Buffer>> {
  const whole = handMadeTar([{ name: 'f', data: 'x'.repeat(3000) }]);
  const changed = (bytes: Buffer, change: (header: Buffer) => void): Buffer => {
    const copy = Buffer.from(bytes);
    change(copy);
    copy.fill(0x20, 148, 156);
    let sum = 0;
    for (let i = 0; i < 512; i++) sum += copy[i] ?? 0;
    copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return copy;
  };
  const patched = (change: (header: Buffer) => void): Buffer => changed(whole, change);
  /** A header with that one record, before what it is of. */
  const pax = (record: string, of: Buffer): Buffer => {
    const digits = String(record.length + 2).length;
    const data = `${record.length + digits + 1} ${record}`;
    const header = handMadeTar([{ name: 'pax', data }], Buffer.alloc(0));
    return Buffer.concat([changed(header, (bytes) => void bytes.write('x', 156)), of]);
  };
  const long = `comment=${'v'.repeat(400_000)}\n`;
  return {
    'cut off in a file': whole.subarray(0, 2000),
    'cut off in a header': whole.subarray(0, 300),
    'a negative size': patched((header) => header.fill(0xff, 124, 136)),
    'exabytes that are not there': patched((header) => {
      header.fill(0, 124, 136);
      header[124] = 0x80;
      header[129] = 0x40;
    }),
    'a negative size in pax': pax('size=-5\n', whole),
    'a size in pax that is no number': pax('size=many\n', whole),
    'a pax header of 100 MB': patched((header) => {
      header.write('00620000000', 124);
      header.write('x', 156);
    }),
    'pax headers that are too long together': pax(long, pax(long, pax(long, whole))),
    'a wrong checksum': Buffer.concat([whole.subarray(0, 100), Buffer.from('zz'), whole.subarray(102)]),
    'an unknown type': patched((header) => void header.write('Z', 156)),
    'gzip that ends too early': gzipSync(whole).subarray(0, 60),
  };
}

for (const name of ['load', 'import', 'pull', 'cp'] as const) {
  test(`${name}: damaged archives are refused, and leave nothing`, async () => {
    let number = 1000;
    for (const [label, tar] of Object.entries(broken())) {
      const before = await listImages(engine, '?all=1');
      const { refused, said } = await (DOORS[name] as Door)(tar, number++);
      assert.ok(refused, `${name}: ${label}: ${said}`);
      assert.match(said, /"(message|error)":".{10,}/, `${name}: ${label}`);
      assert.deepEqual(leftovers(), [], `${name}: ${label}`);
      assert.deepEqual(await listImages(engine, '?all=1'), before, `${name}: ${label}`);
    }
  });
}

test('a layer that has a name twice is no layer, as with Docker', async () => {
  const twice: readonly (readonly HandEntry[])[] = [
    [
      { name: 'f', data: '1' },
      { name: './f', data: '2' },
    ],
    [
      { name: 'd/', type: '5' },
      { name: 'd', type: '2', linkName: outside },
    ],
  ];
  let number = 2000;
  for (const name of ['load', 'import', 'pull'] as const) {
    for (const entries of twice) {
      const before = await listImages(engine, '?all=1');
      const { refused, said } = await (DOORS[name] as Door)(handMadeTar(entries), number++);
      assert.ok(refused, name);
      assert.match(said, /duplicates of file paths not supported: /, name);
      assert.deepEqual([leftovers(), await listImages(engine, '?all=1')], [[], before], name);
    }
  }
});

test('an archive of images whose documents are not what their names say is refused', async () => {
  const manifest = JSON.stringify({ schemaVersion: 2, manifests: [] });
  const name = `blobs/sha256/${sha256('something else').slice(7)}`;
  const descriptor = {
    mediaType: 'application/vnd.oci.image.index.v1+json',
    digest: sha256('something else'),
    size: 1,
  };
  const index = JSON.stringify({ schemaVersion: 2, manifests: [descriptor] });
  const { refused, said } = await post(
    '/images/load',
    handMadeTar([
      { name, data: manifest },
      { name: 'index.json', data: index },
    ]),
  );
  assert.ok(refused);
  assert.match(said, new RegExp(`${name} of the archive cannot be used: its digest is ${sha256(manifest)}`));
  // An index that names itself would never end.
  const circle = handMadeTar([
    { name, data: index },
    { name: 'index.json', data: index },
  ]);
  assert.match((await post('/images/load', circle)).said, /cannot be used: its digest is/);
});

test('documents without end are refused before they fill the memory', async () => {
  const document = Buffer.from(`{"x":"${'y'.repeat(7_000_000)}"}`);
  const many = Array.from({ length: 12 }, (_, i) => ({ name: `${i}.json`, data: document }));
  for (const pack of [gzipSync, zstdCompressSync]) {
    const { refused, said } = await post('/images/load', pack(handMadeTar(many)));
    assert.ok(refused);
    assert.match(said, /documents of the archive are too large/);
  }
  assert.deepEqual(leftovers(), []);
});

test('links and files of an archive that lead nowhere, or out of it', async () => {
  const config = { name: 'config.json', type: '2', linkName: `${outside}/secret` } as const;
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: ['l:1'], Layers: [] }]);
  for (const linkName of [`${outside}/secret`, `${dots}${outside}/secret`, 'config.json', 'nowhere']) {
    const { refused, said } = await post(
      '/images/load',
      handMadeTar([
        { ...config, linkName },
        { name: 'manifest.json', data: manifest },
      ]),
    );
    assert.ok(refused);
    assert.match(said, /the archive lacks the configuration config\.json/);
  }
});

test('files of an archive that are no layers start no program, however many', async () => {
  const entries = Array.from({ length: 3000 }, (_, i) => ({ name: `junk/${i}`, data: `junk ${i}` }));
  const tar = handMadeTar([{ name: 'f', data: 'x' }]);
  const archive = dockerArchive({ tags: ['junk:1'], layers: [tar], more: entries });
  const { refused, said } = await post('/images/load', archive);
  assert.equal(refused, false, said);
  assert.match(said, /Loaded image: junk:1/);
});

test('device nodes of an image are those of the image, and no more', async () => {
  const device = { name: 'dev/sda', type: '4', deviceMajor: 8, deviceMinor: 0, mode: 0o666 } as const;
  const { refused } = await (DOORS['import'] as Door)(handMadeTar([{ name: 'dev/', type: '5' }, device]), 2000);
  assert.equal(refused, false);
  const { stdout } = await docker(engine, 'image', 'inspect', '-f', '{{.Size}}', 'hostile-import:2000');
  assert.equal(stdout.trim(), '0');
  assert.ok(existsSync(outside));
});
