import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otherFrontend } from './other-frontend.ts';
import { parseDockerfile } from './syntax/parse.ts';

const frontend = (head: string): string | undefined => otherFrontend(parseDockerfile(`${head}\nFROM a\n`));

test('Dockerfile’s own frontend and copies of it', () => {
  for (const image of [
    'docker/dockerfile:1',
    'docker.io/docker/dockerfile:1-labs',
    'docker/dockerfile-upstream:master',
  ]) {
    assert.equal(frontend(`# syntax=${image}`), undefined);
  }
  assert.equal(frontend(`# syntax=localhost:5000/mirror/dockerfile@sha256:${'a'.repeat(64)}`), undefined);
  assert.equal(frontend('# no directive'), undefined);
});

test('others', () => {
  assert.equal(frontend('# syntax=edrevo/dockerfile-plus:0.1.0'), 'edrevo/dockerfile-plus:0.1.0');
  assert.equal(frontend('# syntax = ghcr.io/example/frontend  # or another'), 'ghcr.io/example/frontend');
});
