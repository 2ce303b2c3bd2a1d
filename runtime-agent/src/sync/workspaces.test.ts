import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { extract, type Header, pack } from 'tar-stream';
import type { EngineError } from '#model/engine-api/errors.ts';
import { ABSENT, type ForeignChange, PAX_BASE, type PushResult } from '#model/slipway-api/workspaces.ts';
import { createWorkspaces, type Workspaces } from './workspaces.ts';

const never = new AbortController().signal;
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

type Item = Partial<Header> & { readonly name: string; readonly content?: string; readonly base?: string };

function tar(items: readonly Item[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, base, ...header } of items) {
    const pax = base === undefined ? {} : { pax: { [PAX_BASE]: base } };
    archive.entry({ mode: 0o644, ...header, ...pax }, content ?? '');
  }
  archive.finalize();
  return buffer(Readable.from(archive as AsyncIterable<Buffer>));
}

const whiteout = (name: string, base?: string): Item => ({
  name,
  type: 'character-device',
  devmajor: 0,
  devminor: 0,
  ...(base === undefined ? {} : { base }),
});

describe('workspaces', () => {
  let dataRoot: string;
  let root: string;
  let workspaces: Workspaces;
  const push = async (items: readonly Item[]): Promise<PushResult> =>
    await workspaces.push('app', Readable.from([await tar(items)]), undefined, never);
  const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');

  beforeEach(async () => {
    dataRoot = mkdtempSync(path.join(tmpdir(), 'slipway-sync-'));
    workspaces = createWorkspaces(dataRoot);
    root = (await workspaces.open('app')).directory;
  });
  afterEach(() => rmSync(dataRoot, { recursive: true, force: true }));

  test('files, folders and links arrive with their modes', async () => {
    const result = await push([
      { name: 'src/', type: 'directory' },
      { name: 'src/a.js', content: 'one' },
      { name: 'run.sh', content: '#!/bin/sh', mode: 0o755 },
      { name: 'deep/er/b.js', content: 'made on the way' },
      { name: 'link', type: 'symlink', linkname: 'src/a.js' },
    ]);
    assert.deepEqual(result, { written: 5, removed: 0, conflicts: [] });
    assert.equal(read('src/a.js'), 'one');
    assert.equal(read('deep/er/b.js'), 'made on the way');
    assert.equal(statSync(path.join(root, 'run.sh')).mode & 0o777, 0o755);
    assert.equal(readlinkSync(path.join(root, 'link')), 'src/a.js');
    const { entries } = await workspaces.manifest('app', []);
    assert.deepEqual(
      entries.map(({ path, kind, hash }) => [path, kind, hash]),
      [
        ['deep', 'directory', ''],
        ['deep/er', 'directory', ''],
        ['deep/er/b.js', 'file', sha('made on the way')],
        ['link', 'link', 'src/a.js'],
        ['run.sh', 'file', sha('#!/bin/sh')],
        ['src', 'directory', ''],
        ['src/a.js', 'file', sha('one')],
      ],
    );
  });

  test('a file that exists keeps its inode, and a shorter content leaves nothing of the old one', async () => {
    await push([{ name: 'a.js', content: 'a long first version' }]);
    const before = statSync(path.join(root, 'a.js')).ino;
    linkSync(path.join(root, 'a.js'), path.join(dataRoot, 'mounted'));
    assert.equal((await push([{ name: 'a.js', content: 'short', mode: 0o600 }])).written, 1);
    assert.equal(statSync(path.join(root, 'a.js')).ino, before);
    assert.equal(statSync(path.join(root, 'a.js')).mode & 0o777, 0o600);
    assert.equal(readFileSync(path.join(dataRoot, 'mounted'), 'utf8'), 'short');
  });

  test('what is there already is not written again', async () => {
    await push([{ name: 'a.js', content: 'one' }]);
    const before = statSync(path.join(root, 'a.js')).mtimeMs;
    assert.equal((await push([{ name: 'a.js', content: 'one' }])).written, 0);
    assert.equal(statSync(path.join(root, 'a.js')).mtimeMs, before);
  });

  test('whiteouts remove files and empty folders; what a container put into a folder stays', async () => {
    await push([
      { name: 'a/x', content: '1' },
      { name: 'b/y', content: '2' },
    ]);
    mkdirSync(path.join(root, 'b/node_modules'));
    const result = await push([
      whiteout('a/x', sha('1')),
      whiteout('a'),
      whiteout('b/y'),
      whiteout('b'),
      whiteout('c'),
    ]);
    assert.deepEqual(result, { written: 0, removed: 3, conflicts: [] });
    assert.deepEqual(readdirSync(root), ['b']);
    assert.deepEqual(readdirSync(path.join(root, 'b')), ['node_modules']);
  });

  test('a version written in the container is kept as a conflict copy', async () => {
    await push([
      { name: 'src/a.js', content: 'one' },
      { name: 'gone.js', content: 'one' },
    ]);
    writeFileSync(path.join(root, 'src/a.js'), 'by the container');
    writeFileSync(path.join(root, 'gone.js'), 'by the container, too');
    writeFileSync(path.join(root, 'new.js'), 'nobody knew');
    const result = await push([
      { name: 'src/a.js', content: 'two', base: sha('one') },
      { name: 'new.js', content: 'mine', base: ABSENT },
      whiteout('gone.js', sha('one')),
    ]);
    assert.equal(read('src/a.js'), 'two');
    assert.equal(read('new.js'), 'mine');
    assert.equal(existsSync(path.join(root, 'gone.js')), false);
    const kept = result.conflicts.map(({ path, keptAs }) => [path, read(keptAs)]);
    assert.deepEqual(kept, [
      ['src/a.js', 'by the container'],
      ['new.js', 'nobody knew'],
      ['gone.js', 'by the container, too'],
    ]);
    assert.match(result.conflicts[0]?.keptAs ?? '', /^\.slipway\/conflicts\/src\/a\.js\.\d{8}T\d{6}Z-[0-9a-f]{4}$/);
  });

  test('the expected base makes no conflict', async () => {
    await push([{ name: 'a.js', content: 'one', base: ABSENT }]);
    const result = await push([{ name: 'a.js', content: 'two', base: sha('one') }]);
    assert.deepEqual(result, { written: 1, removed: 0, conflicts: [] });
  });

  test('files, folders and links change into one another', async () => {
    await push([
      { name: 'a', content: 'file' },
      { name: 'b/full', content: 'x' },
      { name: 'c', type: 'symlink', linkname: 'a' },
    ]);
    const result = await push([
      { name: 'a', type: 'directory', base: sha('file') },
      { name: 'b', content: 'file now', base: '' },
      { name: 'c', content: 'file now', base: 'a' },
    ]);
    assert.equal(statSync(path.join(root, 'a')).isDirectory(), true);
    assert.equal(read('b'), 'file now');
    assert.equal(lstatSync(path.join(root, 'c')).isFile(), true);
    assert.equal(result.conflicts.length, 1); // the folder was not empty
    assert.equal(read(`${result.conflicts[0]?.keptAs}/full`), 'x');
  });

  test('a link that a container puts in the way never leads outside', async () => {
    const outside = path.join(dataRoot, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'secret'), 'untouched');
    symlinkSync(outside, path.join(root, 'src'));
    symlinkSync(path.join(outside, 'secret'), path.join(root, 'a.js'));
    symlinkSync(outside, path.join(root, '.slipway'));
    const result = await push([
      { name: 'src/secret', content: 'evil' },
      { name: 'a.js', content: 'evil', base: ABSENT },
    ]);
    assert.equal(result.written, 2);
    assert.deepEqual(readdirSync(outside), ['secret']);
    assert.equal(readFileSync(path.join(outside, 'secret'), 'utf8'), 'untouched');
    assert.equal(read('src/secret'), 'evil');
  });

  for (const name of ['../x', '/etc/x', 'a/../../x', 'n'.repeat(256)]) {
    test(`the path ${JSON.stringify(name.slice(0, 20))} is refused`, async () => {
      const bad = push([{ name, content: 'x' }]);
      await assert.rejects(bad, (error: EngineError) => error.code === 'invalid');
      assert.deepEqual(readdirSync(dataRoot), ['workspaces']);
    });
  }

  test('a stream that is cut off leaves no half-written file and nothing staged', async () => {
    await push([{ name: 'big', content: 'old' }]);
    const whole = await tar([
      { name: 'first', content: 'complete' },
      { name: 'big', content: 'x'.repeat(3_000_000) },
    ]);
    const body = new PassThrough();
    body.write(whole.subarray(0, 2_000_000));
    const pushed = workspaces.push('app', body, undefined, never);
    setTimeout(() => body.destroy(new Error('connection lost')), 50);
    await assert.rejects(pushed, (error: EngineError) => error.code === 'invalid');
    assert.equal(read('big'), 'old');
    assert.equal(read('first'), 'complete');
    assert.deepEqual(readdirSync(path.join(dataRoot, 'workspaces/.staging')), []);
  });

  test('ignored paths are not listed, at any depth', async () => {
    for (const name of ['node_modules/x/a.js', 'pkg/node_modules/b.js', 'keep.js', 'logs/now.log']) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), '');
    }
    const { entries } = await workspaces.manifest('app', ['node_modules/', '*.log']);
    assert.deepEqual(
      entries.map(({ path }) => path),
      ['keep.js', 'logs', 'pkg'],
    );
  });

  test('files made in the container can be read back', async () => {
    writeFileSync(path.join(root, 'made'), 'content');
    symlinkSync('made', path.join(root, 'link'));
    const archive = extract();
    (await workspaces.read('app', ['made', 'link', 'missing', 'made'])).pipe(archive);
    const seen: string[] = [];
    for await (const entry of archive) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
      seen.push(`${entry.header.name} ${entry.header.type} ${Buffer.concat(chunks).toString()}`);
    }
    assert.deepEqual(seen, ['made file content', 'link symlink ', 'made file content']);
  });

  test('a reader that goes away in the middle of a file is no trouble', async () => {
    writeFileSync(path.join(root, 'big'), Buffer.alloc(8_000_000));
    const stream = await workspaces.read('app', ['big', 'big']);
    stream.on('error', () => {});
    await once(stream, 'readable');
    stream.destroy(new Error('gone'));
    await new Promise((resolve) => stream.once('close', resolve));
    await sleep(50);
    assert.equal((await workspaces.manifest('app', [])).entries.length, 1);
  });

  test('the watch tells what containers do and keeps quiet about the sync itself', async () => {
    await push([
      { name: 'a.js', content: 'one' },
      { name: 'b.js', content: 'one' },
    ]);
    const seen: ForeignChange[] = [];
    await using _watch = await workspaces.watch('app', ['node_modules/'], (change) => seen.push(change));
    await push([
      { name: 'a.js', content: 'two' },
      { name: 'c.js', content: 'new' },
    ]);
    mkdirSync(path.join(root, 'node_modules'));
    writeFileSync(path.join(root, 'node_modules/x.js'), 'ignored');
    writeFileSync(path.join(root, 'b.js'), 'by the container');
    rmSync(path.join(root, 'a.js'));
    for (let i = 0; i < 50 && seen.length < 2; i++) await sleep(50);
    await sleep(150);
    assert.deepEqual(
      seen.sort((x, y) => (x.path < y.path ? -1 : 1)),
      [
        { path: 'a.js', change: 'removed' },
        { path: 'b.js', change: 'written' },
      ],
    );
  });

  test('a removed workspace is another instance when it is made again', async () => {
    const before = await workspaces.open('app');
    await push([{ name: 'a.js', content: 'one' }]);
    await workspaces.remove('app');
    await workspaces.remove('app');
    await assert.rejects(workspaces.inspect('app'), (error: EngineError) => error.code === 'not-found');
    const after = await workspaces.open('app');
    assert.notEqual(after.instance, before.instance);
    assert.deepEqual(readdirSync(after.directory), []);
  });

  test('names cannot leave the folder of workspaces', async () => {
    for (const name of ['..', '../x', '.staging', 'a/b', '']) {
      await assert.rejects(workspaces.open(name), (error: EngineError) => error.code === 'invalid');
    }
  });
});
