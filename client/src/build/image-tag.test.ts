import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReference } from '#model/oci/reference.ts';
import { imageTag } from './image-tag.ts';

test('the folder’s name, and what tells one image of the folder from the other', () => {
  for (const [context, dockerfile, stage, tag] of [
    ['/work/shop', '/work/shop/Dockerfile', undefined, 'shop:latest'],
    ['/work/shop', '/work/shop/Dockerfile', 'Build_1', 'shop:build-1'],
    ['/work/shop', '/work/shop/Dockerfile', '0', 'shop:stage-0'],
    ['/work/My  App!', '/work/My  App!/docker/Containerfile', undefined, 'my-app:latest'],
    ['/work/shop', '/work/shop/Dockerfile.dev', undefined, 'shop:dev'],
    ['/work/shop', '/work/shop/web.dockerfile', 'deps', 'shop:web-deps'],
    ['/', '/Dockerfile', undefined, 'image:latest'],
    ['/work/店', '/work/店/Dockerfile', 'x'.repeat(300), `image:${'x'.repeat(128)}`],
  ] as const) {
    assert.equal(imageTag(context, dockerfile, stage), tag);
    assert.ok(parseReference(tag));
  }
});
