import assert from 'node:assert/strict';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { linuxHost } from '../../host/linux.ts';
import { mountPlaces } from '../export.ts';
import { type ContainerView, resolvePlace, viewBelow } from './container-view.ts';
import { packTree } from './pack.ts';
import { pathStat } from './path-stat.ts';
import { SAME_IDS } from '../../host/id-mapping.ts';
import { unpackTree } from './unpack.ts';

interface Tree extends Disposable {
  readonly root: string;
  readonly view: ContainerView;
}

function tree(mounts: Readonly<Record<string, string>> = {}): Tree {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-view-'));
  return {
    root,
    view: {
      ids: SAME_IDS,
      root,
      mounts: new Map(Object.entries(mounts).map(([place, source]) => [place, { source, rw: true }])),
      [Symbol.asyncDispose]: async () => {},
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function placeOf(view: ContainerView, asked: string, follow = false): Promise<string> {
  await using found = await resolvePlace(view, asked, follow);
  return found.place;
}

test('places are found as a process in the container would find them', async () => {
  using made = tree();
  mkdirSync(path.join(made.root, 'a/b'), { recursive: true });
  writeFileSync(path.join(made.root, 'a/f'), 'x');
  symlinkSync('/a/b', path.join(made.root, 'abs'));
  symlinkSync('../../../../../a', path.join(made.root, 'a/b/up'));
  symlinkSync('f', path.join(made.root, 'a/l'));
  symlinkSync('/nowhere', path.join(made.root, 'dangling'));
  assert.equal(await placeOf(made.view, '/'), '/');
  assert.equal(await placeOf(made.view, '/a/../a//./b/'), '/a/b');
  assert.equal(await placeOf(made.view, '/../../../a/f'), '/a/f', '.. does not leave the root');
  assert.equal(await placeOf(made.view, '/abs/up/f'), '/a/f', 'links on the way are followed inside the root');
  assert.equal(await placeOf(made.view, '/a/l'), '/a/l');
  assert.equal(await placeOf(made.view, '/a/l', true), '/a/f');
  assert.equal(await placeOf(made.view, '/abs'), '/abs');
  assert.equal(await placeOf(made.view, '/abs/'), '/a/b', 'a slash at the end follows');
  assert.equal(await placeOf(made.view, 'a/f'), '/a/f');
  await assert.rejects(placeOf(made.view, '/nope'), { code: 'not-found' });
  await assert.rejects(placeOf(made.view, '/dangling', true), { code: 'not-found' });
  await assert.rejects(placeOf(made.view, '/a/f/x'), { message: 'lstat /a/f/x: not a directory' });
});

test('links in circles end', async () => {
  using made = tree();
  symlinkSync('/two', path.join(made.root, 'one'));
  symlinkSync('/one', path.join(made.root, 'two'));
  await assert.rejects(placeOf(made.view, '/one/x'), { code: 'invalid', message: /too many levels of symbolic links/ });
});

test('what is mounted hides what is below it', async () => {
  using source = tree();
  writeFileSync(path.join(source.root, 'mounted'), 'yes');
  using made = tree({ '/data': source.root, '/one': path.join(source.root, 'mounted') });
  mkdirSync(path.join(made.root, 'data'));
  writeFileSync(path.join(made.root, 'data/hidden'), '');
  writeFileSync(path.join(made.root, 'one'), '');
  symlinkSync('/data', path.join(made.root, 'link'));
  await using found = await resolvePlace(made.view, '/link/mounted', false);
  assert.equal(readFileSync(found.path, 'utf8'), 'yes');
  await using file = await resolvePlace(made.view, '/one', false);
  assert.equal(readFileSync(file.path, 'utf8'), 'yes');
  await assert.rejects(placeOf(made.view, '/data/hidden'), { code: 'not-found' });
});

test('what is said of a link: its end, or where it would lead', async () => {
  using made = tree();
  mkdirSync(path.join(made.root, 'd'));
  symlinkSync('/d', path.join(made.root, 'l'));
  symlinkSync('gone', path.join(made.root, 'd/x'));
  const stat = async (asked: string) => {
    await using found = await resolvePlace(made.view, asked, false);
    return await pathStat(made.view, found, asked);
  };
  assert.deepEqual([(await stat('/l')).name, (await stat('/l')).linkTarget], ['l', '/d']);
  assert.equal((await stat('/d/x')).linkTarget, '/d/gone');
  assert.equal((await stat('/')).name, '/');
});

async function pack(
  view: ContainerView,
  place: string,
  name: string,
  hidden: ReadonlySet<string> = new Set(),
): Promise<Buffer> {
  await using top = await resolvePlace(view, place, true);
  const chunks: Buffer[] = [];
  for await (const chunk of packTree(linuxHost, view, top, { name, hidden })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* once(bytes: Buffer, size = bytes.length): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(view: ContainerView, directory: string, tar: Buffer, keepKinds = false): Promise<void> {
  await using found = await resolvePlace(view, directory, true);
  await using below = await viewBelow(view, found);
  using scratch = tree();
  const how = { host: linuxHost, view: below, directory, keepKinds, owner: undefined, scratch: scratch.root };
  await unpackTree(once(tar, 777), how);
}

/** Everything below a directory that an archive carries. */
function described(root: string, inside = ''): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of readdirSync(path.join(root, inside)).sort()) {
    const place = path.join(inside, name);
    const stat = lstatSync(path.join(root, place));
    const content = stat.isSymbolicLink()
      ? readlinkSync(path.join(root, place))
      : stat.isFile()
        ? readFileSync(path.join(root, place), 'latin1')
        : '';
    found[place] = [
      stat.mode,
      stat.uid,
      stat.gid,
      Math.floor(stat.mtimeMs / 1000),
      stat.nlink * Number(stat.isFile()),
      content,
    ];
    if (stat.isDirectory()) Object.assign(found, described(root, place));
  }
  return found;
}

test('any tree survives packing and unpacking', async () => {
  const name = fc.constantFrom('a', 'b', 'ünï', 'with space', 'x'.repeat(120), '-dash');
  const node = fc.record({
    place: fc.array(name, { minLength: 1, maxLength: 3 }),
    kind: fc.constantFrom('file', 'directory', 'symlink', 'hardlink'),
    mode: fc.constantFrom(0o644, 0o600, 0o755, 0o4755, 0o1777, 0o2750),
    content: fc.uint8Array({ maxLength: 1200 }),
    mtime: fc.integer({ min: 1, max: 2_000_000_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(node, { maxLength: 8 }), async (nodes) => {
      using from = tree();
      using to = tree();
      for (const { place, kind, mode, content, mtime } of nodes) {
        const target = path.join(from.root, ...place);
        try {
          mkdirSync(path.dirname(target), { recursive: true });
          if (kind === 'directory') mkdirSync(target);
          else if (kind === 'symlink') symlinkSync('some/where', target);
          else if (kind === 'hardlink') linkSync(path.join(from.root, 'a'), target);
          else writeFileSync(target, content, { flag: 'wx' });
          if (kind === 'symlink') continue;
          chmodSync(target, mode);
          utimesSync(target, mtime, mtime);
        } catch {
          // Two nodes at one place: the first one stays.
        }
      }
      await unpack(to.view, '/', await pack(from.view, '/', ''));
      assert.deepEqual(described(to.root), described(from.root));
    }),
    { numRuns: 40 },
  );
});

test('hidden places are packed empty', async () => {
  using made = tree();
  mkdirSync(path.join(made.root, 'proc/1'), { recursive: true });
  mkdirSync(path.join(made.root, 'etc'));
  writeFileSync(path.join(made.root, 'etc/hosts'), 'mounted');
  writeFileSync(path.join(made.root, 'etc/own'), 'own');
  using to = tree();
  await unpack(to.view, '/', await pack(made.view, '/', '', new Set(['/proc', '/etc/hosts'])));
  assert.deepEqual(readdirSync(path.join(to.root, 'proc')), []);
  assert.equal(readFileSync(path.join(to.root, 'etc/hosts'), 'utf8'), '');
  assert.equal(readFileSync(path.join(to.root, 'etc/own'), 'utf8'), 'own');
});

test('mount points of a container, with their odd characters', () => {
  const table =
    '22 1 0:20 / / rw - overlay overlay rw\n23 22 0:21 / /proc rw - proc proc rw\n24 22 0:22 / /a\\040b rw - tmpfs t rw\n';
  assert.deepEqual([...mountPlaces(table)], ['/proc', '/a b']);
});

test('directories stay when directories come; kinds are kept when asked', async () => {
  using from = tree();
  mkdirSync(path.join(from.root, 'd'));
  writeFileSync(path.join(from.root, 'd/new'), 'new');
  const tar = await pack(from.view, '/d', 'd');
  using to = tree();
  mkdirSync(path.join(to.root, 'd'));
  writeFileSync(path.join(to.root, 'd/old'), 'old');
  await unpack(to.view, '/', tar);
  assert.deepEqual(readdirSync(path.join(to.root, 'd')), ['new', 'old']);
  using other = tree();
  writeFileSync(path.join(other.root, 'd'), 'a file');
  await assert.rejects(unpack(other.view, '/', tar, true), {
    code: 'internal',
    message: 'cannot overwrite non-directory "d" with directory "/"',
  });
  await unpack(other.view, '/', tar);
  assert.equal(readFileSync(path.join(other.root, 'd/new'), 'utf8'), 'new');
});

test('an archive’s entries stay below its directory, whatever links say', async () => {
  using from = tree();
  mkdirSync(path.join(from.root, 'l'));
  writeFileSync(path.join(from.root, 'l/new'), 'new');
  const tar = await pack(from.view, '/l/new', 'l/new');
  const into = async (link: string): Promise<readonly string[]> => {
    using to = tree();
    for (const name of ['t/sub', 'out']) mkdirSync(path.join(to.root, name), { recursive: true });
    writeFileSync(path.join(to.root, 't/file'), '');
    symlinkSync(link, path.join(to.root, 't/l'));
    try {
      await unpack(to.view, '/t', tar);
    } catch (error) {
      return [(error as Error).message];
    }
    return Object.keys(described(to.root)).filter((place) => place.endsWith('new'));
  };
  assert.deepEqual(await into('sub'), ['t/sub/new']);
  assert.deepEqual(await into('/out'), ['t/out/new'], 'an absolute link begins at the directory');
  assert.deepEqual(await into('/../../out'), ['t/out/new']);
  assert.deepEqual(await into('/'), ['t/new']);
  assert.deepEqual(await into('nowhere/deep'), ['t/nowhere/deep/new'], 'what is missing is made');
  assert.deepEqual(await into('../out'), ['statat l: path escapes from parent']);
  assert.deepEqual(await into('sub/../../out'), ['statat l: path escapes from parent']);
  assert.deepEqual(await into('l'), ['statat l: too many levels of symbolic links']);
  assert.deepEqual(await into('file'), ['openat l/new: not a directory']);
  assert.deepEqual(await into('file/x'), ['statat l: not a directory']);
});
