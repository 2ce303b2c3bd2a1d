import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseImageConfig } from './image-config-parse.ts';

const ID = `sha256:${'1'.repeat(64)}`;
const parse = (value: object) => parseImageConfig(JSON.stringify(value));

test('a configuration is taken as it is, unknown fields too', () => {
  const config = parse({
    architecture: 'arm64',
    os: 'linux',
    variant: 'v8',
    'x.y': 1,
    config: { Cmd: ['sh'], Env: ['A=b'] },
    rootfs: { type: 'layers', diff_ids: [ID] },
  });
  assert.deepEqual(config.rootfs, { type: 'layers', diff_ids: [ID] });
  assert.deepEqual(
    [config.architecture, config.variant, config.config, config.history],
    ['arm64', 'v8', { Cmd: ['sh'], Env: ['A=b'] }, []],
  );
});

test('what Go writes for things never set, and nonsense in optional fields, is left out', () => {
  const wild = {
    Env: null,
    Cmd: 'sh -c',
    Labels: null,
    Volumes: ['x'],
    User: 5,
    Entrypoint: ['a', 1],
    WorkingDir: '/w',
    StopSignal: null,
  };
  assert.deepEqual(parse({ config: wild, rootfs: { diff_ids: [] } }).config, { WorkingDir: '/w' });
  assert.deepEqual(parse({ config: null, history: null, rootfs: { diff_ids: null } }).config, {});
  const bare = parse({ rootfs: {} });
  assert.deepEqual([bare.os, bare.architecture, bare.rootfs.diff_ids], ['linux', 'amd64', []]);
});

test('what would make an answer that clients cannot read is left out', () => {
  const { history, ...rest } = parse({
    created: 'yesterday',
    author: 7,
    variant: {},
    history: [
      { created: '10000-01-01T00:00:00Z', created_by: 5, empty_layer: true },
      'x',
      { created: '2020-01-01T00:00:00+02:00' },
    ],
    config: {
      Labels: { a: 'b', c: 1 },
      ExposedPorts: { '80/tcp': 5 },
      Healthcheck: { Test: ['NONE'], Interval: 'x', Retries: 3 },
      ArgsEscaped: 'yes',
      OnBuild: [1],
    },
    rootfs: { diff_ids: [ID] },
  });
  assert.deepEqual(rest, {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [ID] },
    config: { Labels: { a: 'b' }, ExposedPorts: { '80/tcp': {} }, Healthcheck: { Test: ['NONE'], Retries: 3 } },
  });
  assert.deepEqual(history, [{ empty_layer: true }, { created: '2020-01-01T00:00:00+02:00' }]);
  assert.equal(parse({ created: '0001-01-01T00:00:00Z', rootfs: {} }).created, '0001-01-01T00:00:00Z');
});

test('without layers that can be named it is no image', () => {
  for (const rootfs of [undefined, null, { diff_ids: 'x' }, { diff_ids: ['sha256:1'] }, { diff_ids: [ID, 7] }]) {
    assert.throws(() => parse({ rootfs }), { code: 'invalid', message: /rootfs\.diff_ids/ });
  }
  assert.throws(() => parseImageConfig('{'), { code: 'invalid', message: /not JSON/ });
  assert.throws(() => parseImageConfig('[]'), { code: 'invalid', message: /not an object/ });
});

test('any JSON is parsed or refused, nothing else', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        parseImageConfig(text);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'invalid');
      }
    }),
  );
});

test('a history of more layers than there are is refused', () => {
  const rootfs = { type: 'layers', diff_ids: [`sha256:${'1'.repeat(64)}`] };
  const text = (...history: object[]): string => JSON.stringify({ rootfs, history });
  const [layer, none] = [{ created_by: 'x' }, { created_by: 'y', empty_layer: true }];
  assert.equal(parseImageConfig(text(layer, none, none)).history?.length, 3);
  assert.equal(parseImageConfig(text()).history?.length, 0);
  assert.throws(() => parseImageConfig(text(layer, layer)), { code: 'invalid', message: /too many non-empty layers/ });
});
