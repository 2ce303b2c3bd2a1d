import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { VolumeCreateOptions } from '#model/engine-api/types.ts';
import { checkVolume, isMounted, showVolume } from './volume-record.ts';

const rows: [string, VolumeCreateOptions, string, RegExp][] = [
  ['v', {}, 'invalid', /^create v: volume name is too short, names should be at least two alphanumeric characters$/],
  ['a/b', {}, 'invalid', /^create a\/b: "a\/b" includes invalid characters for a local volume name, only "\[a-zA/],
  ['.x', {}, 'invalid', /includes invalid characters/],
  ['..', {}, 'invalid', /includes invalid characters/],
  ['x'.repeat(256), {}, 'invalid', /includes invalid characters/],
  ['vol', { Driver: 'foo' }, 'not-found', /^create vol: error looking up volume plugin foo: plugin "foo" not found$/],
  ['vol', { DriverOpts: { foo: 'bar' } }, 'invalid', /^create vol: invalid option: "foo"$/],
  ['vol', { DriverOpts: { type: 'tmpfs' } }, 'invalid', /^create vol: missing required option: "device"$/],
  ['vol', { DriverOpts: { device: '/tmp' } }, 'invalid', /^create vol: missing required option: "type"$/],
  ['vol', { DriverOpts: { size: '10m' } }, 'invalid', /^create vol: quota size requested but no quota support$/],
];
for (const [name, options, code, words] of rows) {
  test(`refused: ${name.slice(0, 9)} ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => checkVolume(name, options),
      (error) => error instanceof EngineError && error.code === code && words.test(error.message),
    );
  });
}

test('accepted', () => {
  for (const name of ['my-vol.1_x', '00', 'A'.repeat(255)]) checkVolume(name, { Driver: 'local' });
  checkVolume('vol', { DriverOpts: { type: 'nfs', o: 'addr=1.2.3.4', device: ':/x' } });
});

test('inspect has Docker’s fields, null where nothing was given', () => {
  const record = { name: 'v1', createdAt: '2026-01-01T00:00:00Z', labels: null, options: null, users: ['c'] };
  assert.deepEqual(showVolume(record, '/data/v1/_data'), {
    CreatedAt: '2026-01-01T00:00:00Z',
    Driver: 'local',
    Labels: null,
    Mountpoint: '/data/v1/_data',
    Name: 'v1',
    Options: null,
    Scope: 'local',
  });
  assert.ok(!isMounted(record));
  assert.ok(isMounted({ options: { type: 'tmpfs', device: 'tmpfs' } }));
});
