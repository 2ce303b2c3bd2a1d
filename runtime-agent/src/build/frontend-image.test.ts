import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import { failureCause } from './failure-cause.ts';
import { refuseOtherFrontends } from './frontend-image.ts';

const refused = (text: string, buildArgs?: Record<string, string>): EngineError | undefined => {
  try {
    refuseOtherFrontends({ name: 'Dockerfile', text }, buildArgs);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof EngineError);
    return error;
  }
};

test('docker/dockerfile is what the engine does, from wherever it comes', () => {
  const same = ['docker/dockerfile', 'docker/dockerfile:1.7-labs', 'docker.io/docker/dockerfile:1'];
  const mirrored = [
    'mirror.example:5000/docker/dockerfile:1',
    'ecr.example/docker-hub/docker/dockerfile-upstream:master',
  ];
  const pinned = [`docker/dockerfile:1@sha256:${'a'.repeat(64)}`];
  for (const image of [...same, ...mirrored, ...pinned])
    assert.equal(refused(`# syntax=${image}\nFROM x\n`), undefined);
  for (const text of [
    'FROM x\n',
    '# syntax=\nFROM x\n',
    'FROM x\n# syntax=other/image\n',
    '# a comment\n# syntax=other\n',
  ])
    assert.equal(refused(text), undefined);
});

test('every way to name another frontend is found, and the place told', () => {
  const ways: readonly [text: string, place: string][] = [
    ['# syntax=other/image:1\nFROM x\n', '# syntax=other/image:1'],
    ['#!/usr/bin/env x\n#escape=`\n#SYNTAX = other/image:1 --more\nFROM x\n', '#SYNTAX = other/image:1 --more'],
    ['// check=x\n//syntax=other/image:1\nFROM x\n', '//syntax=other/image:1'],
    ['\uFEFF# syntax=other/image:1\n', '# syntax=other/image:1'],
    ['{"syntax": "other/image:1"}', '{"syntax": "other/image:1"}'],
  ];
  for (const [text, place] of ways) {
    const error = refused(text);
    assert.equal(error?.code, 'not-implemented', text);
    assert.match(error.message, /^the frontend other\/image:1 is an image, and this engine runs none/);
    const { start, end } = failureCause(error).place?.span ?? { start: 0, end: 0 };
    assert.equal(text.slice(start, end), place);
  }
  assert.equal(refused('# syntax=mine/dockerfile\n')?.code, 'not-implemented');
  assert.match(
    refused('# syntax=Other/Image\n')?.message ?? '',
    /^invalid context name Other\/Image: invalid reference/,
  );
});

test('BUILDKIT_SYNTAX counts before what the Dockerfile says', () => {
  assert.equal(refused('# syntax=other\n', { BUILDKIT_SYNTAX: 'docker/dockerfile:1 x' }), undefined);
  assert.equal(refused('# syntax=docker/dockerfile\n', { BUILDKIT_SYNTAX: 'other' })?.code, 'not-implemented');
});
