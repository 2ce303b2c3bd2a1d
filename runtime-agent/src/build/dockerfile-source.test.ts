import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import { encodeHeader, padding } from '../snapshots/tar-entry.ts';
import { type ReceivedContext, receiveContext } from './context/receive-context.ts';
import { readDockerfile } from './dockerfile-source.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-dockerfile-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function contextOf(files: Readonly<Record<string, string>>): Promise<ReceivedContext> {
  const none = {
    linkName: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: '0',
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: [],
    sparse: [],
  };
  const parts = Object.entries(files).map(([name, text]) => {
    const link = text.startsWith('->');
    const bytes = Buffer.from(link ? '' : text);
    const kind = link ? ({ type: '2', linkName: text.slice(2) } as const) : ({ type: '0' } as const);
    return Buffer.concat([
      encodeHeader({ ...none, ...kind, name, size: bytes.length }),
      bytes,
      Buffer.alloc(padding(bytes.length)),
    ]);
  });
  const tar = Readable.from([Buffer.concat([...parts, Buffer.alloc(1024)])]);
  return receiveContext(tar, path.join(folder, 'spool'), new AbortController().signal);
}

async function read(files: Readonly<Record<string, string>>, name = 'Dockerfile') {
  using context = await contextOf(files);
  const { dockerfile, openContext } = readDockerfile(context, name);
  const tree = await openContext(undefined);
  return { from: dockerfile.stages[0]?.from.command.image, paths: [...tree.paths()].filter((one) => one !== '') };
}

test('finds the Dockerfile by name, in lower case, in a folder, behind a link', async () => {
  assert.equal((await read({ Dockerfile: 'FROM a' })).from, 'a');
  assert.equal((await read({ dockerfile: 'FROM b' })).from, 'b');
  assert.equal((await read({ 'd/Other': 'FROM c' }, 'd/Other')).from, 'c');
  assert.equal((await read({ real: 'FROM d', Dockerfile: '->real' })).from, 'd');
  assert.equal((await read({ Dockerfile: 'FROM e' }, '/Dockerfile')).from, 'e');
});

test("what is wrong with it is said in Docker's words", async () => {
  const rejects = (files: Readonly<Record<string, string>>, name: string, message: string | RegExp) =>
    assert.rejects(read(files, name), { code: 'invalid', message });
  await rejects({ f: '' }, 'Dockerfile', 'Cannot locate specified Dockerfile: Dockerfile');
  await rejects({ 'Dockerfile/x': '' }, 'Dockerfile', 'Cannot locate specified Dockerfile: Dockerfile');
  await rejects({ dockerfile: 'FROM a' }, 'Other', 'Cannot locate specified Dockerfile: Other');
  await rejects({ f: '' }, '../x', 'forbidden path outside the build context: ../x ()');
  await rejects(
    { Dockerfile: 'FROM a', '.dockerignore': 'a[' },
    'Dockerfile',
    '.dockerignore: syntax error in pattern: a[',
  );
  await rejects({ Dockerfile: '' }, 'Dockerfile', 'the Dockerfile cannot be empty');
  await rejects({ Dockerfile: ' \n' }, 'Dockerfile', 'failed to parse Dockerfile: file with no instructions');
  await rejects(
    { Dockerfile: 'FROM a\nENV b' },
    'Dockerfile',
    /^failed to parse Dockerfile: ENV must have two arguments\n\nD/,
  );
  await rejects({ Dockerfile: 'RUN b' }, 'Dockerfile', /^no build stage in current context\n\nDockerfile:1\n/);
  await rejects(
    { Dockerfile: 'FROM a\nNOSUCH' },
    'Dockerfile',
    /^dockerfile parse error on line 2: unknown instruction: NOSUCH\n\nDockerfile:2\n-+\n {3}1 \| {5}FROM a\n {3}2 \| >>> NOSUCH\n-+$/,
  );
});

test('of a context that has an address nothing is ignored, but by the classic builder', async () => {
  using context = await contextOf({ Dockerfile: 'FROM a', '.dockerignore': 'f', f: 'x' });
  const has = async (asked: object): Promise<boolean> => {
    const tree = await readDockerfile(context, 'Dockerfile', undefined, asked).openContext(undefined);
    return tree.entry('f') !== undefined;
  };
  const remote = 'https://h/r.git';
  assert.deepEqual(
    [await has({ remote }), await has({ remote, asClassic: true }), await has({})],
    [true, false, false],
  );
});

test('.dockerignore is honoured here too, and the file of its own name before it', async () => {
  const files = {
    Dockerfile: 'FROM a',
    'd/a.log': '',
    'd/b': '',
    '.dockerignore': '**/*.log\nDockerfile\n.dockerignore',
  };
  assert.deepEqual((await read(files)).paths, ['d', 'd/b']);
  const own = { ...files, 'Dockerfile.dockerignore': 'd' };
  assert.deepEqual((await read(own)).paths, ['Dockerfile', '.dockerignore', 'Dockerfile.dockerignore']);
});
