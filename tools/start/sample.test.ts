import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { RECIPES } from '../world/images/recipes.ts';
import { SAMPLE_IMAGES, sampleWorkspace } from './sample.ts';

test('the sample is copied once; what the person changes stays', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-home-'));
  try {
    const folder = await sampleWorkspace(home);
    await stat(path.join(folder, '.devcontainer/devcontainer.json'));
    await writeFile(path.join(folder, 'Dockerfile'), 'FROM mine\n');
    assert.equal(await sampleWorkspace(home), folder);
    assert.equal(await readFile(path.join(folder, 'Dockerfile'), 'utf8'), 'FROM mine\n');
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test('every image that the sample names can be made here', async () => {
  const root = path.resolve(import.meta.dirname, '../../sample');
  const dockerfile = await readFile(path.join(root, 'Dockerfile'), 'utf8');
  const devcontainer = await readFile(path.join(root, '.devcontainer/devcontainer.json'), 'utf8');
  const stages = new Set([...dockerfile.matchAll(/ AS (\S+)/g)].map(([, name]) => name));
  const named = [
    ...[...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, name]) => name).filter((name) => !stages.has(name)),
    ...[...devcontainer.matchAll(/"image": "([^"]+)"/g)].map(([, name]) => name),
  ];
  const makeable = new Set(RECIPES.flatMap(({ names }) => names));
  assert.deepEqual(
    named.filter((name) => name === undefined || !SAMPLE_IMAGES.includes(name)),
    [],
  );
  assert.ok(named.length > 1 && SAMPLE_IMAGES.every((name) => makeable.has(name)));
});
