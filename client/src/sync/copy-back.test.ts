import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';
import { pack } from 'tar-stream';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { openBaseStore } from './base-store.ts';
import { copyBack, type CopiedBack } from './copy-back.ts';
import { ignoreRules } from './ignore-rules.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'slipway-back-'));
  folder = path.join(parent, 'local');
  mkdirSync(folder);
});
afterEach(() => rmSync(parent, { recursive: true }));

/** @param sent what the host sends, whatever it was asked for */
async function back(
  sent: Readonly<Record<string, string>>,
  agreed: Readonly<Record<string, string>>,
): Promise<CopiedBack> {
  const archive = pack();
  for (const [name, content] of Object.entries(sent)) archive.entry({ name, mode: 0o755 }, content);
  archive.finalize();
  const connection = {
    stream: async () => Readable.from(archive as AsyncIterable<Buffer>),
  } as unknown as EngineConnection;
  const base = await openBaseStore(path.join(parent, 'base.json'), 'i');
  for (const [name, content] of Object.entries(agreed)) {
    base.set(name, `file:${createHash('sha256').update(content).digest('hex')}`);
  }
  const one = { folder, rules: () => ignoreRules([]), hashes: new Map(), base, onSkipped: () => {} };
  const changes = Object.keys(sent).map((name) => ({ path: name, change: 'written' as const }));
  const result = await copyBack(connection, 'app', one, changes, new AbortController().signal);
  await base.flush();
  return result;
}

test('new files and those that are unchanged here are written, with their modes', async () => {
  writeFileSync(path.join(folder, 'a.js'), 'one');
  const result = await back({ 'a.js': 'two', 'deep/new.js': 'made' }, { 'a.js': 'one' });
  assert.deepEqual(result, { copied: ['a.js', 'deep/new.js'], besides: [] });
  assert.equal(readFileSync(path.join(folder, 'a.js'), 'utf8'), 'two');
  assert.equal(readFileSync(path.join(folder, 'deep/new.js'), 'utf8'), 'made');
  assert.equal(statSync(path.join(folder, 'a.js')).mode & 0o777, 0o755);
});

test('what was changed here, too, stays; the other version is put beside it', async () => {
  writeFileSync(path.join(folder, 'a.js'), 'mine');
  assert.deepEqual(await back({ 'a.js': 'theirs' }, { 'a.js': 'one' }), {
    copied: [],
    besides: ['a.from-container.js'],
  });
  assert.equal(readFileSync(path.join(folder, 'a.js'), 'utf8'), 'mine');
  assert.equal(readFileSync(path.join(folder, 'a.from-container.js'), 'utf8'), 'theirs');
});

test('no name leads out of the folder, neither by dots nor through a link', async () => {
  writeFileSync(path.join(parent, 'outside'), 'untouched');
  symlinkSync('../outside', path.join(folder, 'link'));
  mkdirSync(path.join(parent, 'elsewhere'));
  symlinkSync('../elsewhere', path.join(folder, 'dir'));
  await back({ '../evil': 'x', '/tmp/slipway-evil': 'x', 'a/../../evil': 'x', link: 'x', 'dir/evil': 'x' }, {});
  assert.deepEqual(readdirSync(path.join(parent, 'elsewhere')), []);
  assert.equal(readFileSync(path.join(parent, 'outside'), 'utf8'), 'untouched');
  assert.equal(existsSync(path.join(parent, 'evil')), false);
  assert.equal(existsSync('/tmp/slipway-evil'), false);
  assert.deepEqual(readdirSync(folder).sort(), ['dir', 'link', 'link.from-container']);
});
