import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageSummary } from '#model/engine-api/types.ts';
import { knownImages } from './known-images.ts';

const images = [
  { RepoTags: ['node:24', 'node:lts'] },
  { RepoTags: ['<none>:<none>'] },
  { RepoTags: [] },
  {},
  { RepoTags: ['localhost:5000/app:1', 'node:24'] },
] as unknown as ImageSummary[];

test('all names once; those of a registry; the tags of one', () => {
  assert.deepEqual(knownImages(images, ''), ['node:24', 'node:lts', 'localhost:5000/app:1']);
  assert.deepEqual(knownImages(images, 'localhost:5000/'), ['localhost:5000/app:1']);
  assert.deepEqual(knownImages(images, 'node:'), ['node:24', 'node:lts']);
  assert.deepEqual(knownImages([], 'node:'), []);
});
