/** Layers on a real file system: unpacked by the real tar, mounted by the real overlayfs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { snapshotFixture, tarView } from '../support/snapshot-fixture.ts';
import { handMadeTar } from '../support/tar-builder.ts';

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const CAPABILITY = '\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0';

test('everything that a layer can say is on disk afterwards', async () => {
  await using snapshots = await snapshotFixture();
  const long = `${'ä'.repeat(60)}/${'long'.repeat(40)}`;
  const tar = handMadeTar([
    { name: 'dir/', type: '5', mode: 0o1777, uid: 1000, gid: 3_000_000, mtime: '1600000000.25' },
    { name: 'dir/file', data: 'hello', mode: 0o4755, uid: 12, gid: 34, mtime: '1500000000' },
    {
      name: 'dir/capable',
      data: 'x',
      xattrs: [
        ['security.capability', CAPABILITY],
        ['user.note', 'caf\xe9 = 1'],
      ],
    },
    { name: 'dir/hard', type: '1', linkName: 'dir/file' },
    { name: 'dir/relative', type: '2', linkName: 'file', mtime: '1400000000' },
    { name: 'dir/absolute', type: '2', linkName: '/etc/passwd' },
    { name: 'dir/hard-to-absolute', type: '1', linkName: 'dir/absolute' },
    { name: 'dev/null', type: '3', deviceMajor: 1, deviceMinor: 3, mode: 0o666 },
    { name: 'dev/loop', type: '4', deviceMajor: 7, deviceMinor: 200 },
    { name: 'dev/fifo', type: '6' },
    { name: Buffer.from(long).toString('latin1'), data: 'deep' },
    { name: 'old', data: '', mtime: '-86400' },
    { name: 'big', data: Buffer.alloc(1_000_003, 7) },
  ]);
  const { chainId, diffId, size, tarSize } = await snapshots.store.apply(undefined, Readable.from([tar]));
  assert.equal(diffId, sha256(tar));
  assert.equal(tarSize, tar.length);
  assert.equal(size, 5 + 1 + 4 + 4 + 11 + 1_000_003, 'files and symlinks, hard links once');
  const at = (name: string): string => path.join(snapshots.directory(chainId), name);
  const entries = tarView(snapshots.directory(chainId));
  const entry = (name: string) => entries.get(name) ?? assert.fail(`${name} is missing`);
  assert.equal(lstatSync(at('dir')).mode & 0o7777, 0o1777);
  assert.equal(lstatSync(at('dir')).gid, 3_000_000);
  assert.equal(lstatSync(at('dir')).mtimeMs, 1_600_000_000_250, 'set after its entries were made');
  assert.equal(readFileSync(at('dir/file'), 'utf8'), 'hello');
  assert.deepEqual([lstatSync(at('dir/file')).mode & 0o7777, lstatSync(at('dir/file')).uid], [0o4755, 12]);
  assert.equal(lstatSync(at('dir/file')).ino, lstatSync(at('dir/hard')).ino);
  assert.equal(readlinkSync(at('dir/relative')), 'file');
  assert.equal(lstatSync(at('dir/relative')).mtimeMs, 1_400_000_000_000);
  assert.equal(readlinkSync(at('dir/absolute')), '/etc/passwd');
  assert.equal(readlinkSync(at('dir/hard-to-absolute')), '/etc/passwd');
  assert.equal(lstatSync(at('dev/null')).rdev, (1 << 8) + 3);
  assert.ok(lstatSync(at('dev/loop')).isBlockDevice());
  assert.ok(lstatSync(at('dev/fifo')).isFIFO());
  assert.equal(readFileSync(at(long), 'utf8'), 'deep');
  assert.equal(lstatSync(at('old')).mtimeMs, -86_400_000);
  assert.ok(readFileSync(at('big')).every((byte) => byte === 7));
  assert.deepEqual(new Map(entry('dir/capable').xattrs).get('security.capability'), CAPABILITY);
  assert.deepEqual(new Map(entry('dir/capable').xattrs).get('user.note'), 'caf\xe9 = 1');
});

test('archives of GNU tar in every format are read: long names, sparse files, links', async () => {
  await using snapshots = await snapshotFixture();
  const source = path.join(snapshots.root, 'source');
  const deep = `${'directory/'.repeat(15)}${'n'.repeat(120)}`;
  mkdirSync(path.join(source, path.dirname(deep)), { recursive: true });
  writeFileSync(path.join(source, deep), 'deep');
  execFileSync('ln', ['-s', deep, path.join(source, 'link')]);
  execFileSync('ln', [path.join(source, deep), path.join(source, 'hard')]);
  const holes = path.join(source, 'sparse');
  // More holes than fit into one header of the old format.
  const write = Array.from(
    { length: 40 },
    (_, i) =>
      `dd if=/dev/zero bs=1 count=0 seek=0 of='${holes}' 2>/dev/null; printf x | dd of='${holes}' bs=1 seek=${i * 200_000} conv=notrunc 2>/dev/null`,
  );
  execFileSync('sh', [
    '-c',
    write
      .slice(0, 1)
      .concat(write.map((line) => line.split('; ')[1] as string))
      .join('\n'),
  ]);
  const formats = [
    ['--format=gnu'],
    ['--format=posix'],
    ['--format=gnu', '-S'],
    ['--format=posix', '-S', '--sparse-version=1.0'],
    ['--format=posix', '-S', '--sparse-version=0.1'],
  ];
  for (const format of formats) {
    const tar = execFileSync('tar', ['-c', ...format, '-C', source, '.'], { maxBuffer: 1 << 28 });
    const chainId = await snapshots.apply(tar);
    const at = (name: string): string => path.join(snapshots.directory(chainId), name);
    assert.equal(readFileSync(at(deep), 'utf8'), 'deep', format.join(' '));
    assert.equal(readlinkSync(at('link')), deep, format.join(' '));
    assert.equal(lstatSync(at('hard')).ino, lstatSync(at(deep)).ino, format.join(' '));
    assert.deepEqual(readFileSync(at('sparse')), readFileSync(holes), format.join(' '));
    assert.ok(
      (await buffer(await snapshots.store.tar(chainId))).equals(tar),
      `${format.join(' ')}: the same tar again`,
    );
    if (format.includes('-S')) assert.ok(statSync(at('sparse')).blocks < 2000, `${format.join(' ')}: holes are kept`);
  }
});

test('whiteouts and opaque directories hide what is below, in the real overlayfs', async () => {
  await using snapshots = await snapshotFixture();
  const base = await snapshots.apply(
    handMadeTar([
      { name: 'gone', data: '1' },
      { name: 'dir/a', data: '1' },
      { name: 'dir/b', data: '1' },
      { name: 'replaced/old', data: '1' },
      { name: 'reborn/old', data: '1' },
      { name: 'kept/old', data: '1' },
      { name: 'brought', data: 'below' },
    ]),
  );
  const top = await snapshots.apply(
    handMadeTar([
      { name: '.wh.gone' },
      { name: 'dir/.wh.a' },
      { name: 'replaced/', type: '5', mode: 0o700, uid: 5 },
      { name: 'replaced/new', data: '2' },
      { name: 'replaced/.wh..wh..opq' },
      // Both orders of a whiteout and what comes in its place.
      { name: '.wh.reborn' },
      { name: 'reborn/', type: '5' },
      { name: 'reborn/new', data: '2' },
      { name: 'kept/', type: '5', uid: 7 },
      { name: 'kept/new', data: '2' },
      { name: '.wh.kept' },
      { name: 'brought', data: 'above' },
      { name: '.wh.brought' },
      { name: '.wh..wh.plnk', data: 'aufs' },
    ]),
    base,
  );
  const { merged } = await snapshots.mount([base, top]);
  assert.deepEqual(readdirSync(merged).sort(), ['brought', 'dir', 'kept', 'reborn', 'replaced']);
  assert.deepEqual(readdirSync(path.join(merged, 'dir')), ['b']);
  for (const name of ['replaced', 'reborn', 'kept'])
    assert.deepEqual(readdirSync(path.join(merged, name)), ['new'], name);
  assert.deepEqual(
    [statSync(path.join(merged, 'replaced')).mode & 0o777, statSync(path.join(merged, 'replaced')).uid],
    [0o700, 5],
  );
  assert.equal(statSync(path.join(merged, 'kept')).uid, 7);
  assert.equal(readFileSync(path.join(merged, 'brought'), 'utf8'), 'above', 'a whiteout never hides its own layer');
});

test('the tar of a layer is made again byte for byte, whatever was in it', async () => {
  await using snapshots = await snapshotFixture();
  const odd = handMadeTar([
    { name: 'twice', data: 'first' },
    { name: 'same', type: '1', linkName: 'twice' },
    { name: 'twice', data: 'second and longer' },
    { name: 'twice', data: '' },
    { name: 'linked', data: 'becomes a link' },
    { name: 'linked', type: '2', linkName: 'twice' },
    { name: 'folder', data: 'becomes a folder' },
    { name: 'folder/', type: '5' },
    { name: 'folder/./../folder/f', data: 'x'.repeat(100_000) },
    { name: 'b\xe4r', data: 'not UTF-8' },
    { name: '.wh.gone', data: 'a whiteout with data' },
    { name: `/${'l'.repeat(200)}`, data: 'long', mtime: '1.5' },
  ]);
  const trailing = Buffer.concat([odd, Buffer.from('what follows the end'), Buffer.alloc(9000)]);
  for (const tar of [odd, trailing, Buffer.alloc(0), Buffer.alloc(10_240), handMadeTar([], Buffer.alloc(512))]) {
    const { chainId, diffId } = await snapshots.store.apply(undefined, Readable.from([tar], { objectMode: false }));
    assert.equal(diffId, sha256(tar));
    assert.ok((await buffer(await snapshots.store.tar(chainId))).equals(tar), `${tar.length} bytes`);
  }
  const chainId = sha256(odd);
  assert.equal(readFileSync(path.join(snapshots.directory(chainId), 'same'), 'utf8'), 'first');
  writeFileSync(path.join(snapshots.directory(chainId), 'folder/f'), 'y'.repeat(100_000));
  await assert.rejects(snapshots.store.tar(chainId).then(buffer), { message: /was changed on disk/ });
  await snapshots.store.remove([chainId]);
  assert.deepEqual(
    snapshots.entries().filter((name) => name.startsWith(chainId.slice(7))),
    [],
  );
});

test('a committed upper directory is a layer whose tar has the digest it says, every time', async () => {
  await using snapshots = await snapshotFixture();
  const base = await snapshots.apply(
    handMadeTar([
      { name: 'a', data: '1' },
      { name: 'b', data: '1' },
      { name: 'd/x', data: '1' },
      { name: 'e/x', data: '1' },
    ]),
  );
  const { merged, upper, unmount } = await snapshots.mount([base]);
  rmSync(path.join(merged, 'a'));
  rmSync(path.join(merged, 'b'));
  rmSync(path.join(merged, 'd'), { recursive: true });
  mkdirSync(path.join(merged, 'd'));
  writeFileSync(path.join(merged, 'd/y'), 'new');
  writeFileSync(path.join(merged, 'big'), Buffer.alloc(300_000, 1));
  execFileSync(
    'sh',
    ['-c', 'ln big hard && ln -s big soft && mkfifo fifo && chmod 4711 big && touch -d @1234567890.5 fifo'],
    { cwd: merged },
  );
  await unmount();
  const made = await snapshots.store.commitUpper(base, upper);
  assert.ok(!existsSync(upper), 'the directory was moved');
  assert.equal(made.size, 300_000 + 3 + 3);
  const tar = await buffer(await snapshots.store.tar(made.chainId));
  assert.equal(sha256(tar), made.diffId);
  assert.equal(tar.length, made.tarSize);
  assert.deepEqual(await buffer(await snapshots.store.tar(made.chainId)), tar, 'the same bytes again');
  const names = execFileSync('tar', ['-t'], { input: tar, encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(names, ['.wh.a', '.wh.b', 'big', 'd/', 'd/.wh..wh..opq', 'd/y', 'fifo', 'hard', 'soft']);
  // Unpacked elsewhere it is the same layer again.
  await using other = await snapshotFixture();
  const otherBase = await other.apply(
    handMadeTar([
      { name: 'a', data: '1' },
      { name: 'd/x', data: '1' },
      { name: 'e/x', data: '1' },
    ]),
  );
  const copy = await other.store.apply(otherBase, Readable.from([tar]), { diffId: made.diffId });
  const again = await other.mount([otherBase, copy.chainId]);
  assert.deepEqual(readdirSync(again.merged).sort(), ['big', 'd', 'e', 'fifo', 'hard', 'soft']);
  assert.deepEqual(readdirSync(path.join(again.merged, 'd')), ['y']);
  assert.equal(statSync(path.join(again.merged, 'big')).mode & 0o7777, 0o4711);
  await again.unmount();
  // What was unpacked from our own tar gives our own tar again.
  const repacked = await other.store.commitUpper(undefined, other.directory(copy.chainId).replace(/$/, '/.'), {
    keepUpper: true,
  });
  assert.equal(repacked.diffId, made.diffId);
});

test('commitUpper can leave a mounted directory as it is', async () => {
  await using snapshots = await snapshotFixture();
  const base = await snapshots.apply(handMadeTar([{ name: 'a', data: '1' }]));
  const { merged, upper } = await snapshots.mount([base]);
  writeFileSync(path.join(merged, 'n'), 'one');
  rmSync(path.join(merged, 'a'));
  const made = await snapshots.store.commitUpper(base, upper, { keepUpper: true });
  writeFileSync(path.join(merged, 'n'), 'two');
  const seen = await snapshots.mount([base, made.chainId]);
  assert.equal(readFileSync(path.join(seen.merged, 'n'), 'utf8'), 'one');
  assert.deepEqual(readdirSync(seen.merged), ['n']);
});

test('changes are those of docker diff', async () => {
  await using snapshots = await snapshotFixture();
  const base = await snapshots.apply(
    handMadeTar([
      { name: 'etc/', type: '5' },
      { name: 'etc/hosts', data: '1' },
      { name: 'etc/passwd', data: '1' },
      { name: 'old/a', data: '1' },
      { name: 'old/b', data: '1' },
      { name: 'same/', type: '5' },
    ]),
  );
  const { merged, upper } = await snapshots.mount([base]);
  writeFileSync(path.join(merged, 'etc/hosts'), 'changed');
  rmSync(path.join(merged, 'etc/passwd'));
  mkdirSync(path.join(merged, 'new/sub'), { recursive: true });
  writeFileSync(path.join(merged, 'new/sub/file'), '1');
  rmSync(path.join(merged, 'old'), { recursive: true });
  mkdirSync(path.join(merged, 'old'));
  writeFileSync(path.join(merged, 'old/a'), 'again');
  chmodSync(path.join(merged, 'same'), 0o700);
  const changes = await snapshots.store.changes(upper, snapshots.store.lowerDirs([base]));
  assert.deepEqual(
    changes.map(({ Kind, Path }) => `${'CAD'[Kind]} ${Path}`),
    [
      'C /etc',
      'C /etc/hosts',
      'D /etc/passwd',
      'A /new',
      'A /new/sub',
      'A /new/sub/file',
      'C /old',
      'C /old/a',
      'D /old/b',
      'C /same',
    ],
  );
});

test('layers with the same content are one directory; in one stack the topmost counts', async () => {
  await using snapshots = await snapshotFixture();
  const layer = handMadeTar([{ name: 'f', data: '1' }]);
  const between = await snapshots.apply(handMadeTar([{ name: 'g', data: '1' }]));
  const first = await snapshots.apply(layer);
  const third = await snapshots.apply(layer, between);
  assert.notEqual(first, third);
  assert.equal(snapshots.directory(first), snapshots.directory(third));
  assert.equal(snapshots.store.lowerDirs([first, between, third]).length, 2);
  const { merged } = await snapshots.mount([first, between, third]);
  assert.deepEqual(readdirSync(merged).sort(), ['f', 'g']);
  await snapshots.store.remove([first]);
  assert.ok(snapshots.store.has(third) && existsSync(snapshots.directory(third)), 'still used under another chain');
});

test('a hundred layers mount; an image without layers mounts too', async () => {
  await using snapshots = await snapshotFixture();
  const chain: string[] = [];
  for (let i = 0; i < 100; i++)
    chain.push(await snapshots.apply(handMadeTar([{ name: `f${i}`, data: String(i) }]), chain.at(-1)));
  const above = path.join(snapshots.root, 'above');
  mkdirSync(path.join(above, 'of-the-container'), { recursive: true });
  const { merged } = await snapshots.mount(chain, [above]);
  assert.equal(readdirSync(merged).length, 101);
  assert.deepEqual(readdirSync((await snapshots.mount([])).merged), []);
});

test('a wrong digest, a broken stream and a cut-off archive leave nothing', async () => {
  await using snapshots = await snapshotFixture();
  const before = snapshots.entries();
  const tar = handMadeTar([{ name: 'f', data: 'x'.repeat(10_000) }]);
  const wrong = { diffId: `sha256:${'0'.repeat(64)}` };
  await assert.rejects(snapshots.store.apply(undefined, Readable.from([tar]), wrong), { code: 'invalid' });
  await assert.rejects(snapshots.apply(tar.subarray(0, 5000)), { code: 'invalid', message: /unexpected EOF/ });
  await assert.rejects(snapshots.apply(Buffer.from('no tar at all, but long enough'.repeat(50))), { code: 'invalid' });
  const broken = new Readable({ read() {} });
  broken.push(tar.subarray(0, 3000));
  const work = snapshots.store.apply(undefined, broken);
  broken.destroy(new Error('connection lost'));
  await assert.rejects(work, /connection lost/);
  assert.deepEqual(snapshots.entries(), before);
  assert.deepEqual(readdirSync(path.join(snapshots.root, 'snapshots/tmp')), []);
  assert.deepEqual(snapshots.store.all(), []);
});

test('what a killed engine left half-made is swept by the next, what was finished is kept', async () => {
  await using snapshots = await snapshotFixture();
  const kept = await snapshots.apply(handMadeTar([{ name: 'f', data: '1' }]));
  const root = path.join(snapshots.root, 'snapshots');
  mkdirSync(path.join(root, 'tmp/abc/half'), { recursive: true });
  mkdirSync(path.join(root, 'f'.repeat(64)));
  const again = snapshots.reopen();
  assert.ok(again.has(kept));
  assert.ok(!existsSync(path.join(root, 'f'.repeat(64))));
  for (let i = 0; i < 100 && readdirSync(path.join(root, 'tmp')).length > 0; i++)
    await new Promise((r) => setTimeout(r, 20));
  assert.deepEqual(readdirSync(path.join(root, 'tmp')), []);
});
