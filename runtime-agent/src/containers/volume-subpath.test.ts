import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openSubpath, pathOf } from './volume-subpath.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'subpath-'));
after(() => rm(folder, { recursive: true, force: true }));
const volume = path.join(folder, 'volume');
await mkdir(path.join(volume, 'sub'), { recursive: true });
await writeFile(path.join(volume, 'sub', 'file'), 'inside');
await writeFile(path.join(folder, 'file'), 'outside');
await symlink('sub', path.join(volume, 'good'));
await symlink('..', path.join(volume, 'up'));
await symlink('/', path.join(volume, 'root'));

test('what lies in the volume is found, through links too', async () => {
  for (const subpath of ['sub', 'good', 'sub/file', '.']) await (await openSubpath(volume, subpath)).close();
});

test('what leads out of it is refused, and what is not there', async () => {
  for (const subpath of ['up', 'root', 'up/file']) {
    const message = `path concatenation escapes the base directory, base: ${volume}, subpath: ${subpath}`;
    await assert.rejects(openSubpath(volume, subpath), { code: 'invalid', message });
  }
  const nowhere = path.join(volume, 'nowhere');
  const message = `cannot access path ${nowhere}: lstat ${nowhere}: no such file or directory`;
  await assert.rejects(openSubpath(volume, 'nowhere'), { code: 'not-found', message });
});

test('a link that takes its place later changes nothing', async () => {
  await using opened = await openSubpath(volume, 'sub');
  await rename(path.join(volume, 'sub'), path.join(volume, 'moved'));
  await symlink('..', path.join(volume, 'sub'));
  assert.equal(await readFile(path.join(pathOf(opened), 'file'), 'utf8'), 'inside');
});
