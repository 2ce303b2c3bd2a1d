import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageHistory, inspectImage } from './image-inspect.ts';
import type { Image } from './images.ts';

const id = (digit: string): string => `sha256:${digit.repeat(64)}`;
const row = (created_by: string, empty = false) => ({
  created: '2024-01-01T00:00:00Z',
  created_by,
  ...(empty ? { empty_layer: true } : {}),
});

function image(digit: string, history: object[], more: Partial<Image> = {}): Image {
  const config = {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [] },
    history,
  } as Image['config'];
  return { id: id(digit), config, chainIds: [], repoTags: [], repoDigests: [], size: 0, ...more };
}

test('history is newest first, with sizes for layers and ids where images end', () => {
  const base = image('b', [row('base'), row('ENV', true)], { repoTags: ['base:1'] });
  const child = image('c', [row('base'), row('ENV', true), row('COPY'), row('CMD', true)], {
    repoTags: ['child:1', 'child:2'],
    parent: base.id,
  });
  const rows = imageHistory(child, [100, 20], (one) => (one.parent === base.id ? base : undefined));
  assert.deepEqual(
    rows.map(({ CreatedBy, Size, Id, Tags }) => [CreatedBy, Size, Id, Tags]),
    [
      ['CMD', 0, child.id, ['child:1', 'child:2']],
      ['COPY', 20, '<missing>', null],
      ['ENV', 0, base.id, ['base:1']],
      ['base', 100, '<missing>', null],
    ],
  );
  assert.deepEqual(
    imageHistory(image('d', []), [5], () => undefined),
    [],
    'an image that tells nothing',
  );
});

test('what the configuration lacks is what Go writes for it', () => {
  const shown = inspectImage(image('a', []), ['/l/top', '/l/mid', '/l/low']);
  assert.equal(shown['Created'], '0001-01-01T00:00:00Z');
  assert.deepEqual(shown['Config'], {
    Cmd: null,
    Entrypoint: null,
    Env: null,
    Labels: null,
    OnBuild: null,
    User: '',
    Volumes: null,
    WorkingDir: '',
  });
  assert.deepEqual(shown['GraphDriver'], {
    Name: 'overlay2',
    Data: { UpperDir: '/l/top', LowerDir: '/l/mid:/l/low', MergedDir: '/l/top.merged', WorkDir: '/l/top.work' },
  });
  assert.deepEqual(shown['Metadata'], { LastTagTime: '0001-01-01T00:00:00Z' });
});
