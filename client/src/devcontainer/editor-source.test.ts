import assert from 'node:assert/strict';
import { copyFileSync, createReadStream, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { extract } from 'tar-stream';
import { createGunzip } from 'node:zlib';
import type { EngineError } from '#model/engine-api/errors.ts';
import { editorArchive } from './editor-archive.ts';
import { type EditorPlaces, findEditorSource } from './editor-source.ts';

let folder: string;
let places: EditorPlaces;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-editor-'));
  mkdirSync(path.join(folder, 'server/out'), { recursive: true });
  mkdirSync(path.join(folder, 'desktop'));
  writeFileSync(path.join(folder, 'server/out/server-main.js'), '// server');
  writeFileSync(path.join(folder, 'server/out/server-main.js.map'), '{}');
  writeFileSync(path.join(folder, 'server/product.json'), '{"commit":"53c2f3253bcf32886706fc023e794bbeb253c90f"}');
  symlinkSync('out/server-main.js', path.join(folder, 'server/link'));
  // as much of a Node.js for Linux as is looked at
  const elf = Buffer.alloc(64);
  elf.writeUInt32BE(0x7f454c46, 0);
  elf.writeUInt16LE(0xb7, 18);
  writeFileSync(path.join(folder, 'node'), elf, { mode: 0o755 });
  writeFileSync(path.join(folder, 'Electron'), elf);
  places = { appRoot: path.join(folder, 'server'), execPath: path.join(folder, 'node'), configured: '' };
});
after(() => rmSync(folder, { recursive: true }));

const refused = (words: RegExp) => (error: EngineError) => error.code === 'not-found' && words.test(error.message);

test("the window's own server is taken, with the Node.js that runs it", async () => {
  const source = await findEditorSource(places);
  assert.deepEqual([source.root, source.node, source.arch], [places.appRoot, places.execPath, 'arm64']);
  assert.match(source.version, /^53c2f3253bcf-[0-9a-z]+-arm64$/);
});

test('a desktop editor has none: the setting is named', async () => {
  const desktop = { ...places, appRoot: path.join(folder, 'desktop') };
  await assert.rejects(findEditorSource(desktop), refused(/no server .*slipway\.devContainer\.serverPath/));
  await assert.rejects(
    findEditorSource({ ...desktop, configured: '/nowhere' }),
    refused(/\/nowhere is no VS Code server/),
  );
  const electron = { ...places, execPath: path.join(folder, 'Electron') };
  await assert.rejects(findEditorSource(electron), refused(/There is no Node\.js for Linux/));
  copyFileSync(path.join(folder, 'node'), path.join(folder, 'server/node'));
  const own = await findEditorSource({ ...electron, appRoot: '/x', configured: path.join(folder, 'server') });
  assert.equal(own.node, path.join(folder, 'server/node'));
  rmSync(path.join(folder, 'server/node'));
});

test('the archive holds server and Node.js, is made once, and not half when it is cancelled', async () => {
  const source = await findEditorSource(places);
  const cache = path.join(folder, 'cache');
  const withNode = { withNode: true };
  await assert.rejects(editorArchive(source, cache, withNode, AbortSignal.abort()));
  const file = await editorArchive(source, cache, withNode, new AbortController().signal);
  assert.equal(await editorArchive(source, cache, withNode, AbortSignal.abort()), file);
  const archive = extract();
  createReadStream(file).pipe(createGunzip()).pipe(archive);
  const seen: string[] = [];
  for await (const entry of archive) {
    seen.push(`${entry.header.name} ${entry.header.type} ${entry.header.mode.toString(8)}`);
    entry.resume();
  }
  assert.deepEqual(seen.sort(), [
    'ide/link symlink 644',
    'ide/out/server-main.js file 644',
    'ide/product.json file 644',
    'node file 755',
  ]);
});
