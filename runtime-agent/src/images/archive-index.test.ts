import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archivedImages, type ReadDocument } from './archive-index.ts';

const HOST = { os: 'linux', architecture: 'amd64' };
const hex = (digit: string): string => digit.repeat(64);
const descriptor = (digit: string, more: object = {}) => ({
  mediaType: 'x',
  digest: `sha256:${hex(digit)}`,
  size: 1,
  ...more,
});
const reader =
  (documents: Record<string, unknown>): ReadDocument =>
  (path) => {
    const value = documents[path];
    return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
  };

test('docker archives, with and without tags', () => {
  const manifest = [
    { Config: 'c.json', RepoTags: ['a:1'], Layers: ['l/layer.tar'] },
    { Config: 'd.json', RepoTags: null, Layers: [] },
  ];
  assert.deepEqual(archivedImages(reader({ 'manifest.json': manifest, 'index.json': 'ignored' }), HOST), [
    { config: 'c.json', layers: ['l/layer.tar'], tags: ['a:1'] },
    { config: 'd.json', layers: [], tags: [] },
  ]);
});

test('OCI layouts: names from annotations, one image for equal configurations, indexes inside', () => {
  const image = { schemaVersion: 2, config: descriptor('c'), layers: [descriptor('1'), descriptor('2')] };
  const named = (name: string) => descriptor('a', { annotations: { 'io.containerd.image.name': name } });
  const inner = {
    schemaVersion: 2,
    manifests: [
      descriptor('9', { platform: { os: 'linux', architecture: 's390x' } }),
      descriptor('a', { platform: HOST }),
    ],
  };
  const index = {
    schemaVersion: 2,
    manifests: [
      named('docker.io/library/a:1'),
      named('b.c/d:2'),
      descriptor('b', {
        mediaType: 'application/vnd.oci.image.index.v1+json',
        annotations: { 'org.opencontainers.image.ref.name': 'e:3' },
      }),
      descriptor('a', { annotations: { 'org.opencontainers.image.ref.name': 'justatag' } }),
    ],
  };
  const documents = { 'index.json': index, [`blobs/sha256/${hex('a')}`]: image, [`blobs/sha256/${hex('b')}`]: inner };
  assert.deepEqual(archivedImages(reader(documents), HOST), [
    {
      config: `blobs/sha256/${hex('c')}`,
      layers: ['1', '2'].map((digit) => `blobs/sha256/${hex(digit)}`),
      tags: ['docker.io/library/a:1', 'b.c/d:2', 'e:3'],
    },
  ]);
  assert.throws(() => archivedImages(reader(documents), { os: 'linux', architecture: 'riscv64' }), {
    code: 'not-found',
  });
});

test('OCI layouts: attestations are no images, and digests may be sha512', () => {
  const long = { mediaType: 'x', digest: `sha512:${'a'.repeat(128)}`, size: 1 };
  const config = { ...long, digest: `sha512:${'c'.repeat(128)}` };
  const image = { schemaVersion: 2, config, layers: [] };
  const manifests = [
    { ...long, platform: HOST },
    descriptor('b', { platform: { os: 'unknown', architecture: 'unknown' } }),
    descriptor('d', { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } }),
  ];
  const documents = { 'index.json': { schemaVersion: 2, manifests }, [`blobs/sha512/${'a'.repeat(128)}`]: image };
  const found = { config: `blobs/sha512/${'c'.repeat(128)}`, layers: [], tags: [] };
  assert.deepEqual(archivedImages(reader(documents), HOST), [found]);
});

test('what is no archive of images says what is missing', () => {
  const cases: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{}, /has no manifest\.json, index\.json or repositories/],
    [{ 'manifest.json': '{' }, /malformed/],
    [{ 'manifest.json': {} }, /malformed/],
    [{ 'manifest.json': [null] }, /malformed/],
    [{ 'manifest.json': [{ Config: 'c', Layers: [1] }] }, /malformed/],
    [{ 'index.json': { schemaVersion: 2, config: descriptor('c'), layers: [] } }, /not an index/],
    [{ 'index.json': { schemaVersion: 2, manifests: [descriptor('a')] } }, /lacks blobs\/sha256\/a+/],
  ];
  for (const [documents, message] of cases)
    assert.throws(() => archivedImages(reader(documents), HOST), { code: 'invalid', message });
});

test('names of an archive have tags, as Docker wants them', () => {
  const manifest = (tag: string): string => JSON.stringify([{ Config: 'c.json', RepoTags: [tag], Layers: [] }]);
  for (const tag of ['name', 'host:5000/name']) {
    const read = (path: string): string | undefined => (path === 'manifest.json' ? manifest(tag) : undefined);
    assert.throws(() => archivedImages(read, { os: 'linux', architecture: 'amd64' }), {
      code: 'invalid',
      message: `invalid tag ${JSON.stringify(tag)}`,
    });
  }
});
