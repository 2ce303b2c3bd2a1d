import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EngineError } from '#model/engine-api/errors.ts';
import { parseBind, parseMount, wantedMounts } from './mount-spec.ts';

test('host directories, named and anonymous volumes', () => {
  assert.deepEqual(parseBind('/src/:/dst', ''), {
    type: 'bind',
    source: '/src',
    destination: '/dst',
    createSource: true,
    mode: '',
    rw: true,
    propagation: 'rprivate',
  });
  assert.deepEqual(parseBind('data:/dst:ro', ''), {
    type: 'volume',
    name: 'data',
    source: '',
    destination: '/dst',
    mode: 'ro',
    rw: false,
    driver: 'local',
    propagation: '',
  });
  assert.deepEqual(parseBind('/only', ''), {
    type: 'volume',
    name: '',
    source: '',
    destination: '/only',
    mode: '',
    rw: true,
    driver: 'local',
    propagation: '',
    anonymous: true,
  });
  assert.equal(parseBind('/a:/b:ro,shared', '').propagation, 'shared');
  assert.equal(parseBind('v1:/b:nocopy', '').noCopy, true);
  assert.equal(parseBind('/a:/b:z,cached', '').rw, true);
});

test('bad binds are refused in Docker’s words', () => {
  const cases: readonly (readonly [bind: string, message: RegExp])[] = [
    ['a', /^invalid volume specification: 'a': invalid mount config for type "volume": invalid mount path: 'a'/],
    ['/a:b', /type "bind": invalid mount path: 'b' mount path must be absolute$/],
    ['/a:/b:bogus', /^invalid mode: bogus$/],
    ['/a:/b:ro,rw', /^invalid mode: ro,rw$/],
    ['/a:/b:z,Z', /^invalid mode: z,Z$/],
    ['/a:/b:cached,consistent', /^invalid mode: cached,consistent$/],
    ['/a:/b:ro:x', /^invalid volume specification: '\/a:\/b:ro:x'$/],
    [':/b', /^invalid volume specification: ':\/b'$/],
    ['/a:', /^invalid volume specification: '\/a:'$/],
    ['/a:/', /destination can't be '\/'$/],
    ['v1:/x:shared', /field BindOptions must not be specified$/],
  ];
  for (const [bind, message] of cases) assert.throws(() => parseBind(bind, ''), { code: 'internal', message });
});

test('mounts of --mount', () => {
  assert.deepEqual(parseMount({ Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1024, Mode: 0o1770 } }), {
    type: 'tmpfs',
    source: '',
    destination: '/t',
    mode: 'size=1024,mode=1770',
    rw: true,
    propagation: '',
  });
  const volume = parseMount({
    Type: 'volume',
    Source: 'v1',
    Target: '/v',
    VolumeOptions: { NoCopy: true, Subpath: 'a/b' },
  });
  assert.equal(volume.noCopy, true);
  assert.equal(volume.subpath, 'a/b');
  const bind = parseMount({
    Type: 'bind',
    Source: '/s',
    Target: '/d',
    ReadOnly: true,
    BindOptions: { NonRecursive: true },
  });
  assert.deepEqual([bind.rw, bind.nonRecursive, bind.createSource], [false, true, undefined]);
  assert.throws(() => parseMount({ Type: 'bind', Source: 'rel', Target: '/d' }), /mount path must be absolute$/);
  assert.throws(() => parseMount({ Type: 'bind', Source: '', Target: '/d' }), /field Source must not be empty$/);
  assert.throws(() => parseMount({ Type: 'tmpfs', Source: 'x', Target: '/d' }), /field Source must not be specified$/);
  const foreign = { Type: 'bind', Source: '/s', Target: '/d', VolumeOptions: {} } as const;
  assert.throws(
    () => parseMount(foreign),
    /^EngineError: invalid mount config for type "bind": field VolumeOptions must/,
  );
  assert.equal(parseMount({ Type: 'tmpfs', Target: '/d', VolumeOptions: {} }).type, 'tmpfs');
  assert.throws(() => parseMount({ Type: 'volume', Target: '/d', ReadOnly: true }), /when using anonymous volumes$/);
  assert.throws(() => parseMount({ Type: 'volume', Source: 'v1' }), /field Target must not be empty$/);
  assert.deepEqual(parseMount({ Type: 'image', Source: 'i', Target: '/d', ImageOptions: { Subpath: 's' } }), {
    type: 'image',
    name: 'i',
    source: '',
    destination: '/d',
    mode: '',
    rw: false,
    propagation: 'rprivate',
    subpath: 's',
  });
  assert.throws(() => parseMount({ Type: 'bogus' as 'bind', Target: '/d' }), /mount type unknown$/);
});

test('explicit mounts win over the image’s volumes; two at one place are an error', () => {
  const mounts = wantedMounts({ Volumes: { '/data': {}, '/other': {} } }, { Binds: ['/host:/data'] });
  assert.deepEqual(
    mounts.map(({ type, destination }) => [type, destination]),
    [
      ['bind', '/data'],
      ['volume', '/other'],
    ],
  );
  assert.throws(() => wantedMounts({}, { Binds: ['/a:/x', 'b1:/x'] }), { message: 'Duplicate mount point: /x' });
});

test('no bind, however malformed, gives anything but a mount or an EngineError', () => {
  const piece = fc.oneof(fc.constantFrom('', '/', '/a', 'v', 'ro', 'rw', '..', ':', ','), fc.string());
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
      try {
        const mount = parseBind(pieces.join(':'), '');
        assert.ok(mount.destination.startsWith('/') && mount.destination !== '/');
      } catch (error) {
        assert.ok(error instanceof EngineError);
      }
    }),
  );
});

test('wishes about read-only binds that contradict one another are refused, as are unknown tmpfs options', () => {
  const bind = (ReadOnly: boolean, BindOptions: object) =>
    parseMount({ Type: 'bind', Source: '/s', Target: '/d', ReadOnly, BindOptions });
  assert.equal(bind(true, { ReadOnlyNonRecursive: true }).readOnlyNonRecursive, true);
  assert.equal(bind(true, { ReadOnlyForceRecursive: true }).readOnlyForceRecursive, true);
  const conflict = (text: string) => ({ code: 'invalid', message: `mount options conflict: ${text}` });
  assert.throws(
    () => bind(false, { ReadOnlyNonRecursive: true }),
    conflict('!ReadOnly && BindOptions.ReadOnlyNonRecursive'),
  );
  // These, when the container starts.
  for (const readOnly of [false, true]) {
    assert.equal(bind(readOnly, { ReadOnlyForceRecursive: true }).readOnlyForceRecursive, true);
  }
});
