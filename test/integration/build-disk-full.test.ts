/** A disk that runs full during a build: one clear message, nothing half-made, and the next build works. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type BuildWorld, openBuildWorld } from '../support/build-world.ts';

let root = '';
let world: BuildWorld;
before(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-small-build-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', root]);
  world = await openBuildWorld(root);
});
after(async () => {
  await world?.[Symbol.asyncDispose]();
  execFileSync('umount', ['-l', root]);
  rmSync(root, { recursive: true, force: true });
});

const free = (): number => statfsSync(root).bavail * statfsSync(root).bsize;

function assertNothingStays(before: number): void {
  for (const name of ['build/work', 'build/contexts', 'snapshots/tmp']) {
    const folder = path.join(root, name);
    assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], [], name);
  }
  assert.ok(before - free() < 200_000, `${before - free()} bytes are gone`);
  assert.deepEqual(world.images.list(), []);
}

test('a context that does not fit', async () => {
  const before = free();
  const entries = [{ name: 'big', data: Buffer.alloc(9_000_000, 'x') }];
  await assert.rejects(world.build('FROM scratch\nCOPY small /', entries), {
    code: 'unavailable',
    message: /^no space left on device for the build context/,
  });
  assertNothingStays(before);
});

test('a layer that does not fit', async () => {
  const before = free();
  const entries = [{ name: 'big', data: Buffer.alloc(3_500_000, 'x') }];
  await assert.rejects(world.build('FROM scratch\nCOPY big /a\nCOPY big /b\nCOPY big /c', entries), {
    code: 'unavailable',
    message: /^no space left on device: the build needs more room/,
  });
  await world.builder.upkeep.prune({});
  assertNothingStays(before);
});

test('the next build works', async () => {
  const { id } = await world.build('FROM scratch\nCOPY f /', [{ name: 'f', data: 'fits' }]);
  assert.ok(world.images.find(id));
});
