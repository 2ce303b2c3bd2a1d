import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { parseDevContainer } from '#model/devcontainer/parse.ts';
import { fakeUi, type FakeUi } from '../views/fake-ui.ts';
import { readConfigFile } from './config-file.ts';
import type { DevDeps } from './editor-port.ts';
import { proposedConfigs, writeFirstConfig } from './first-config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-first-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const labels = (...names: string[]): string[] => proposedConfigs(names).map(({ label }) => label);

test('what is in the folder says what is proposed, the likeliest first', () => {
  assert.deepEqual(labels('src', 'README.md'), ['A plain system']);
  assert.deepEqual(labels('package.json', 'package-lock.json', 'Dockerfile'), [
    'The Dockerfile of this folder',
    'Node.js',
    'A plain system',
  ]);
  assert.deepEqual(labels('pyproject.toml', 'go.mod'), ['Python', 'Go', 'A plain system']);
  const [node] = proposedConfigs(['package-lock.json', 'package.json']);
  assert.deepEqual(node?.value, { image: 'node:24', postCreateCommand: 'npm ci' });
});

test('everything that is proposed is a configuration without a fault', () => {
  const all = 'Dockerfile package.json requirements.txt go.mod Cargo.toml pom.xml build.gradle Gemfile composer.json';
  const proposed = proposedConfigs(all.split(' '));
  assert.equal(proposed.length, 10);
  for (const { value } of proposed) assert.deepEqual(parseDevContainer(JSON.stringify(value)).problems, []);
});

async function write(ui: FakeUi): Promise<{ readonly file: string | undefined; readonly shown: string[] }> {
  const shown: string[] = [];
  const editor = { openAt: async ({ file }: { readonly file: string }) => void shown.push(file) };
  const file = await writeFirstConfig({ ui, editor } as unknown as DevDeps, folder);
  return { file, shown };
}

test('the chosen one is written, shown, and read as any other', async () => {
  await writeFile(path.join(folder, 'go.mod'), '');
  const { file = '', shown } = await write(fakeUi('Go'));
  assert.deepEqual(shown, [file]);
  assert.equal(file, path.join(folder, '.devcontainer/devcontainer.json'));
  const { config, warnings } = await readConfigFile(file);
  assert.deepEqual([config.name, config.image, warnings], [path.basename(folder), 'golang:1', []]);
  assert.match(await readFile(file, 'utf8'), /\n$/);
});

test('an image of one’s own is checked while it is typed; leaving the questions writes nothing', async () => {
  await assert.rejects(write(fakeUi('Another image', 'Not An Image')), /Type a name, such as/);
  assert.equal((await write(fakeUi('Another image', undefined))).file, undefined);
  assert.equal((await write(fakeUi(undefined))).file, undefined);
  const { file = '' } = await write(fakeUi('Another image', ' ghcr.io/me/box:2 '));
  assert.equal((await readConfigFile(file)).config.image, 'ghcr.io/me/box:2');
});
