/** Layers made to break out of their directory. Nothing outside may change, whatever else happens. */
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { type SnapshotFixture, snapshotFixture, tarView } from '../support/snapshot-fixture.ts';
import { type HandEntry, handMadeTar } from '../support/tar-builder.ts';

/** A directory beside the store with a file that hostile layers aim at. */
function bait(snapshots: SnapshotFixture): { readonly directory: string; readonly check: () => void } {
  const directory = path.join(snapshots.root, 'outside');
  mkdirSync(directory);
  writeFileSync(path.join(directory, 'secret'), 'untouched', { mode: 0o600 });
  const before = JSON.stringify(lstatSync(directory));
  return {
    directory,
    check() {
      assert.deepEqual(readdirSync(directory), ['secret']);
      assert.equal(readFileSync(path.join(directory, 'secret'), 'utf8'), 'untouched');
      assert.equal(lstatSync(path.join(directory, 'secret')).mode & 0o777, 0o600);
      assert.equal(lstatSync(path.join(directory, 'secret')).nlink, 1);
      const { atimeMs: _a, atime: _b, ...now } = JSON.parse(JSON.stringify(lstatSync(directory)));
      const { atimeMs: _c, atime: _d, ...then } = JSON.parse(before);
      assert.deepEqual(now, then);
    },
  };
}

test('names that climb out are refused', async () => {
  await using snapshots = await snapshotFixture();
  const { directory, check } = bait(snapshots);
  const up = '../'.repeat(12);
  const hostile: HandEntry[] = [
    { name: '../escape', data: 'x' },
    { name: `${up}${directory}/secret`, data: 'x' },
    { name: 'a/../../escape', data: 'x' },
    { name: '..', type: '5', mode: 0o777 },
    { name: `${up}${directory}/.wh.secret` },
    { name: '.wh...' },
    { name: 'a/.wh..' },
    { name: 'hard', type: '1', linkName: '../../outside/secret' },
    { name: 'hard', type: '1', linkName: `${directory}/secret` },
    { name: 'cut\0../../x', data: 'x' },
    { name: `${'x'.repeat(120)}\0/../../escape`, data: 'x' },
  ];
  for (const entry of hostile) {
    const label = JSON.stringify(entry);
    // A NUL ends the name in a short header: that entry is an ordinary one. All others are refused.
    if (entry.name.startsWith('cut')) await snapshots.apply(handMadeTar([entry]));
    else
      await assert.rejects(
        snapshots.apply(handMadeTar([{ name: 'a/', type: '5' }, entry])),
        { code: 'invalid' },
        label,
      );
    check();
  }
});

test('absolute names land inside', async () => {
  await using snapshots = await snapshotFixture();
  const { directory, check } = bait(snapshots);
  const chainId = await snapshots.apply(
    handMadeTar([
      { name: `${directory}/secret`, data: 'inside' },
      { name: '//etc/x', data: '1' },
    ]),
  );
  check();
  const layer = snapshots.directory(chainId);
  assert.equal(readFileSync(path.join(layer, directory, 'secret'), 'utf8'), 'inside');
  assert.equal(readFileSync(path.join(layer, 'etc/x'), 'utf8'), '1');
});

test('writing through a symlink stays inside, where the link leads in the layer', async () => {
  await using snapshots = await snapshotFixture();
  const { directory, check } = bait(snapshots);
  for (const target of [directory, `${'../'.repeat(12)}${directory}`, '/', '..', `/proc/self/root${directory}`]) {
    const chainId = await snapshots.apply(
      handMadeTar([
        { name: 'link', type: '2', linkName: target },
        { name: 'link/secret', data: `through ${target}` },
        { name: 'link/sub/', type: '5', mode: 0o777 },
        { name: 'link/.wh.other' },
        { name: 'second', type: '2', linkName: 'link/sub' },
        { name: 'second/deep', data: 'x' },
      ]),
    );
    check();
    const inside = path.posix.join('/', target);
    const layer = snapshots.directory(chainId);
    assert.equal(readFileSync(path.join(layer, inside, 'secret'), 'utf8'), `through ${target}`);
    assert.equal(readFileSync(path.join(layer, inside, 'sub/deep'), 'utf8'), 'x');
    assert.ok(lstatSync(path.join(layer, inside, 'other')).isCharacterDevice());
  }
});

test('a link in the place of a directory, a directory in the place of a link, links in circles', async () => {
  await using snapshots = await snapshotFixture();
  const { directory, check } = bait(snapshots);
  const swapped = await snapshots.apply(
    handMadeTar([
      { name: 'd/', type: '5' },
      { name: 'd', type: '2', linkName: directory },
      { name: 'd/secret', data: 'x' },
      { name: 'e', type: '2', linkName: directory },
      { name: 'e/', type: '5' },
      { name: 'e/secret', data: 'x' },
      { name: 'f', type: '2', linkName: directory },
      { name: 'f', data: 'a file now' },
      { name: 'g', type: '2', linkName: `${directory}/secret` },
      { name: 'g', data: 'not through the link' },
      { name: 'h', type: '2', linkName: `${directory}/secret` },
      { name: 'i', type: '1', linkName: 'h' },
      { name: 'i', data: 'nor through a hard link to it' },
    ]),
  );
  check();
  const layer = snapshots.directory(swapped);
  assert.ok(lstatSync(path.join(layer, 'd')).isSymbolicLink());
  assert.equal(readFileSync(path.join(layer, directory, 'secret'), 'utf8'), 'x');
  assert.ok(lstatSync(path.join(layer, 'e')).isDirectory());
  assert.equal(readFileSync(path.join(layer, 'f'), 'utf8'), 'a file now');
  assert.equal(readFileSync(path.join(layer, 'g'), 'utf8'), 'not through the link');
  const circle: HandEntry[] = [
    { name: 'a', type: '2', linkName: 'b' },
    { name: 'b', type: '2', linkName: 'a' },
    { name: 'a/x', data: '1' },
  ];
  await assert.rejects(snapshots.apply(handMadeTar(circle)), { code: 'invalid', message: /too many levels/ });
  const below = [
    { name: 'file', data: '1' },
    { name: 'file/x', data: '1' },
  ];
  await assert.rejects(snapshots.apply(handMadeTar(below)), { code: 'invalid', message: /not a directory/ });
  const full = [{ name: 'd/f', data: '1' }, { name: 'd', type: '2', linkName: directory } as const];
  await assert.rejects(snapshots.apply(handMadeTar(full)), {
    code: 'invalid',
    message: /as a directory with entries and/,
  });
  check();
});

test('attributes of overlayfs itself are not taken from a layer', async () => {
  await using snapshots = await snapshotFixture();
  const chainId = await snapshots.apply(
    handMadeTar([
      {
        name: 'd/',
        type: '5',
        xattrs: [
          ['trusted.overlay.redirect', '/other'],
          ['trusted.overlay.opaque', 'y'],
          ['user.fine', '1'],
        ],
      },
      {
        name: 'f',
        data: '',
        xattrs: [
          ['trusted.overlay.metacopy', ''],
          ['trusted.overlay.whiteout', ''],
        ],
      },
    ]),
  );
  const entries = tarView(snapshots.directory(chainId));
  assert.deepEqual(entries.get('d')?.xattrs, [['user.fine', '1']]);
  assert.deepEqual(entries.get('f')?.xattrs, []);
});

test('headers that claim the impossible are refused', async () => {
  await using snapshots = await snapshotFixture();
  const good = handMadeTar([{ name: 'f', data: 'x' }]);
  const changed = (change: (copy: Buffer) => void): Buffer => {
    const copy = Buffer.from(good);
    change(copy);
    copy.fill(0x20, 148, 156);
    const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return copy;
  };
  const bad: Readonly<Record<string, Buffer>> = {
    checksum: Buffer.concat([Buffer.from('X'), good.subarray(1)]),
    'negative size': changed((b) => void b.fill(0xff, 124, 136)),
    'enormous size': changed((b) => void b.fill(0x7f, 125, 136).fill(0x80, 124, 125)),
    'size no number': changed((b) => void b.write('99999999999', 124)),
    'unknown type': changed((b) => void b.write('Z', 156)),
  };
  for (const [name, tar] of Object.entries(bad)) await assert.rejects(snapshots.apply(tar), { code: 'invalid' }, name);
});

test('random sequences of entries never touch anything outside', async () => {
  await using snapshots = await snapshotFixture();
  const { directory, check } = bait(snapshots);
  const part = fc.constantFrom('a', 'b', 'c', '..', '.', '.wh.a', '.wh..wh..opq', '');
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const target = fc.oneof(
    name,
    fc.constantFrom(directory, `../../../../${directory}`, '/', '..', `${directory}/secret`),
  );
  const entry = fc.record({
    name,
    type: fc.constantFrom('0', '1', '2', '5', '6' as const),
    linkName: target,
    mode: fc.constantFrom(0o777, 0),
  });
  let unpacked = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 12 }), async (entries) => {
      const list = entries.map(
        (one, i): HandEntry => (one.type === '0' ? { ...one, linkName: '', data: `pwned ${i}` } : one) as HandEntry,
      );
      const tar = handMadeTar(list);
      const chainId = await snapshots.apply(tar).catch((error: unknown) => {
        assert.equal((error as { code?: string }).code, 'invalid');
      });
      check();
      if (chainId === undefined) return;
      unpacked++;
      assert.ok((await buffer(await snapshots.store.tar(chainId))).equals(tar), 'and their tar can be made again');
    }),
    { numRuns: 150 },
  );
  assert.ok(unpacked > 10, `${unpacked} of them were layers`);
});
