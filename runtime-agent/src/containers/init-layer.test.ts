import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { SAME_IDS } from '../host/id-mapping.ts';
import { initLayer, makeInitLayer } from './init-layer.ts';

interface World {
  readonly root: string;
  /** Makes a layer and gives its directory. */
  layer(name: string): string;
}

async function withRoot(check: (world: World) => Promise<void>): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-init-'));
  const layer = (name: string): string => {
    const directory = path.join(root, name);
    mkdirSync(directory);
    return directory;
  };
  try {
    mkdirSync(path.join(root, 'containers'));
    await check({ root, layer });
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('images that say nothing of these directories share a layer', () =>
  withRoot(async ({ root, layer }) => {
    const made = initLayer(root, SAME_IDS, [layer('empty')]);
    assert.equal(made.directory, path.join(root, 'containers/.init'));
    await makeInitLayer(made, SAME_IDS);
    for (const name of ['.dockerenv', 'dev/console', 'dev/shm', 'proc', 'sys', 'etc/hosts', 'etc/resolv.conf']) {
      assert.ok(existsSync(path.join(made.directory, name)), name);
    }
    assert.ok(lstatSync(path.join(made.directory, 'etc/mtab')).isSymbolicLink());
  }));

test('a directory keeps the mode that the topmost layer of the image gives it', () =>
  withRoot(async ({ root, layer }) => {
    const layers = ['above', 'below'].map(layer);
    for (const [i, mode] of [0o700, 0o711].entries()) {
      mkdirSync(path.join(layers[i] ?? '', 'etc'));
      chmodSync(path.join(layers[i] ?? '', 'etc'), mode);
    }
    const made = initLayer(root, SAME_IDS, layers);
    assert.notEqual(path.basename(made.directory), '.init');
    await makeInitLayer(made, SAME_IDS);
    assert.equal(lstatSync(path.join(made.directory, 'etc')).mode & 0o7777, 0o700);
    assert.equal(lstatSync(path.join(made.directory, 'proc')).mode & 0o7777, 0o755);
    assert.equal(initLayer(root, SAME_IDS, layers).directory, made.directory);
  }));

test('a link in the image is not hidden', () =>
  withRoot(async ({ root, layer }) => {
    const below = layer('link');
    symlinkSync('usr/etc', path.join(below, 'etc'));
    const made = initLayer(root, SAME_IDS, [below]);
    await makeInitLayer(made, SAME_IDS);
    assert.equal(existsSync(path.join(made.directory, 'etc')), false);
    assert.ok(existsSync(path.join(made.directory, '.dockerenv')));
  }));

test('a file in place of a directory is hidden, as by Docker', () =>
  withRoot(async ({ root, layer }) => {
    const below = layer('file');
    writeFileSync(path.join(below, 'etc'), 'x');
    const made = initLayer(root, SAME_IDS, [below]);
    await makeInitLayer(made, SAME_IDS);
    assert.ok(existsSync(path.join(made.directory, 'etc/hosts')));
  }));
