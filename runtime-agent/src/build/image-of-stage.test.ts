import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageOfStage, resultOfImage } from './image-of-stage.ts';
import { imageOf } from './plan/plan.fixture.ts';
import { chainIdsOf, hashOf, rootOf } from './steps/stage-result.ts';

const result = {
  layers: [
    { chainId: 'c1', diffId: 'd1' },
    { chainId: 'c2', diffId: 'd2' },
  ],
  history: [{ created: '2026-01-01T00:00:00.000Z', created_by: 'x' }],
  identity: 'i',
};
const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };
const stage = {
  result,
  config: { User: 'u' },
  author: 'me',
  base: undefined,
  platform,
  epoch: undefined,
};

test('an image has the layers, the history and the configuration of its stage', () => {
  assert.deepEqual(imageOfStage(stage), {
    chainIds: ['c1', 'c2'],
    config: {
      created: '2026-01-01T00:00:00.000Z',
      author: 'me',
      architecture: 'arm64',
      os: 'linux',
      variant: 'v8',
      config: { User: 'u' },
      rootfs: { type: 'layers', diff_ids: ['d1', 'd2'] },
      history: [{ created: '2026-01-01T00:00:00.000Z', created_by: 'x' }],
    },
  });
});

test('the platform is that of the base; a stage without a time has none', () => {
  const base = imageOf('base').config;
  const { config } = imageOfStage({ ...stage, base, author: undefined, result: { ...result, history: [] } });
  assert.deepEqual([config.architecture, config.variant, config.created], ['amd64', undefined, undefined]);
  assert.equal('author' in config, false);
});

test('a command or entrypoint of nothing is left out', () => {
  const { config } = imageOfStage({ ...stage, config: { Cmd: [], Entrypoint: [], User: 'u' } });
  assert.deepEqual(config.config, { User: 'u' });
});

test('a stage that starts from an image has its layers and history', () => {
  const image = imageOf('base');
  const config = {
    ...image.config,
    rootfs: { type: 'layers', diff_ids: ['d1', 'd2'] },
    created: 't',
    history: [{ created_by: 'h' }],
  } as const;
  assert.deepEqual(resultOfImage({ ...image, config, chainIds: ['c1', 'c2'] }), {
    ...result,
    history: [{ created_by: 'h' }],
    identity: 'sha256:base',
  });
  assert.deepEqual(resultOfImage(image).layers, []);
});

test('results name their root and are hashed by content', () => {
  assert.deepEqual([chainIdsOf(result), rootOf(result), rootOf({ layers: [] })], [['c1', 'c2'], 'c2', 'scratch']);
  assert.equal(hashOf(['a', 1]), hashOf(['a', 1]));
  assert.notEqual(hashOf(['a', 1]), hashOf(['a', 2]));
  assert.match(hashOf(null), /^sha256:[0-9a-f]{64}$/);
});
