import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MEDIA_TYPES, parseManifest } from './manifest.ts';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const descriptor = (digit: string, more: object = {}) => ({
  mediaType: 'x/y',
  digest: digest(digit),
  size: 7,
  ...more,
});
const image = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.dockerManifest,
  config: descriptor('c'),
  layers: [descriptor('1'), descriptor('2')],
};

test('image manifests of Docker and OCI', () => {
  const parsed = parseManifest(JSON.stringify(image));
  assert.deepEqual(parsed, {
    kind: 'image',
    mediaType: MEDIA_TYPES.dockerManifest,
    config: descriptor('c'),
    layers: [descriptor('1'), descriptor('2')],
  });
  const { mediaType: _mediaType, ...bare } = image;
  assert.equal(parseManifest(JSON.stringify(bare)).mediaType, MEDIA_TYPES.ociManifest);
  assert.equal(
    parseManifest(JSON.stringify(bare), `${MEDIA_TYPES.dockerManifest}; charset=utf-8`).mediaType,
    MEDIA_TYPES.dockerManifest,
  );
});

test('indexes, with the platforms and annotations of their entries', () => {
  const entry = descriptor('a', {
    platform: { os: 'linux', architecture: 'arm', variant: 'v7', features: [] },
    annotations: { k: 'v', n: 1 },
  });
  const parsed = parseManifest(
    JSON.stringify({ schemaVersion: 2, manifests: [entry, descriptor('b')] }),
    MEDIA_TYPES.ociIndex,
  );
  const platform = { os: 'linux', architecture: 'arm', variant: 'v7' };
  assert.deepEqual(parsed, {
    kind: 'index',
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: [descriptor('a', { platform, annotations: { k: 'v' } }), descriptor('b')],
  });
  assert.equal(
    parseManifest(JSON.stringify({ schemaVersion: 2, manifests: [] })).kind,
    'index',
    'even without a media type',
  );
});

test('what is no manifest is refused and says what is wrong', () => {
  const cases: readonly (readonly [string | object, RegExp])[] = [
    ['nope', /not JSON/],
    ['[]', /not an object/],
    ['null', /not an object/],
    [{ schemaVersion: 3 }, /schemaVersion is not 2/],
    [{ ...image, config: undefined }, /config is not an object/],
    [{ ...image, layers: {} }, /layers is not a list/],
    [{ ...image, layers: [descriptor('1'), 5] }, /layers\[1\] is not an object/],
    [{ ...image, layers: [{ ...descriptor('1'), digest: 'sha256:../../etc' }] }, /layers\[0\]\.digest is not a digest/],
    [{ ...image, config: { ...descriptor('c'), size: -1 } }, /config\.size is not a size/],
    [{ ...image, config: { ...descriptor('c'), mediaType: 1 } }, /config\.mediaType is missing/],
    [
      { schemaVersion: 2, manifests: [descriptor('a', { platform: { os: 'linux' } })] },
      /platform has no os and architecture/,
    ],
  ];
  for (const [value, message] of cases) {
    assert.throws(() => parseManifest(typeof value === 'string' ? value : JSON.stringify(value)), {
      code: 'invalid',
      message,
    });
  }
});

test('lists that Go writes as null are empty', () => {
  const { kind, ...one } = parseManifest(JSON.stringify({ ...image, layers: null }));
  assert.deepEqual([kind, 'layers' in one && one.layers], ['image', []]);
  const index = parseManifest(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: null }));
  assert.deepEqual(index, { kind: 'index', mediaType: MEDIA_TYPES.ociIndex, manifests: [] });
});

test('what could be taken for an image and for an index is refused (CVE-2021-41190)', () => {
  const manifests = [descriptor('a')];
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.dockerList, manifests };
  const { mediaType: _image, ...bareImage } = image;
  for (const [value, contentType, message] of [
    [{ ...image, manifests }, '', /an image and an index at once/],
    [{ ...bareImage, manifests }, '', /an image and an index at once/],
    [{ ...index, config: descriptor('c') }, '', /an image and an index at once/],
    [{ ...index, layers: [] }, '', /an image and an index at once/],
    [image, MEDIA_TYPES.ociManifest, /its mediaType is .*docker.*v2\+json, and the registry says .*oci/],
    [bareImage, MEDIA_TYPES.ociIndex, /an image and an index at once/],
  ] as const) {
    assert.throws(() => parseManifest(JSON.stringify(value), contentType), { code: 'invalid', message });
  }
});

test('manifests of another kind are named', () => {
  const mediaType = 'application/vnd.oci.artifact.manifest.v1+json';
  const message = `invalid image manifest: ${mediaType} is not supported`;
  assert.throws(() => parseManifest(JSON.stringify({ mediaType, blobs: [] })), { code: 'invalid', message });
});

test('schema 1 is told apart', () => {
  const expected = {
    code: 'not-implemented',
    message: /schema 1 support has been removed\. Suggest the author of the image/,
  };
  assert.throws(() => parseManifest('{"schemaVersion":1}'), expected);
  assert.throws(() => parseManifest('{}', 'application/vnd.docker.distribution.manifest.v1+prettyjws'), expected);
});

test('any JSON is parsed or refused, nothing else', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        parseManifest(text);
      } catch (error) {
        assert.match(String((error as { code?: string }).code), /^(invalid|not-implemented)$/);
      }
    }),
  );
});
