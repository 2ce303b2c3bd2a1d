/** What `npm run package` puts into the .vsix, and that it stays small. */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { before, test } from 'node:test';
import { listFiles } from '@vscode/vsce';
import { nativeModuleFor } from '../../client/src/hosts/deploy/agent-files.ts';
import { otherUnixSockets } from '../../tools/setup/unix-socket.ts';
import { runProgram } from '../../tools/setup/run-program.ts';
import { packagedExtension } from '../support/packaged-extension.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LARGEST = 3_000_000;

let vsix: string;
let files: readonly string[];
before(async () => {
  vsix = await packagedExtension();
  files = await listFiles({ cwd: ROOT });
});

test('the command says its version', async () => {
  const { version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const said = await runProgram(path.join(ROOT, 'dist/slipway'), ['--version']);
  assert.equal(said, `slipway ${version}\n`);
});

test('it is small', async () => {
  const { size } = await stat(vsix);
  assert.ok(size < LARGEST, `${size} bytes`);
});

test('it has what runs, and neither sources, tests nor maps', () => {
  for (const needed of [
    'dist/client/extension.cjs',
    'dist/server/main.cjs',
    'dist/server/compiled.cjs',
    'dist/server/server.cjs',
    'dist/agent/agent.mjs',
    'dist/agent/netns-relay.mjs',
    'dist/slipway',
  ]) {
    assert.ok(files.includes(needed), needed);
  }
  const unwanted = files.filter((name) => /\.(ts|map|tsbuildinfo|toml)$|test|(^|\/)\.|tsconfig|config\.js$/.test(name));
  assert.deepEqual(
    unwanted.filter((name) => !name.startsWith('docs/rules/')),
    [],
  );
});

test('every file that package.json names is in it', async () => {
  const manifest = await readFile(path.join(ROOT, 'package.json'), 'utf8');
  const named = [...manifest.matchAll(/"(?:\.\/)?((?:media|dist|docs|syntaxes)\/[^"]+)"/g)].map(
    (match) => match[1] ?? '',
  );
  assert.ok(named.length > 2);
  assert.deepEqual(
    named.filter((name) => !files.includes(name)),
    [],
  );
});

test('the engine in it has the native module of this machine, and of others as far as set-up could bring them', async () => {
  const wanted = [nativeModuleFor({ arch: process.arch, musl: false })];
  wanted.push(...(await otherUnixSockets()).map((folder) => path.basename(folder)));
  for (const name of wanted) {
    const binary = name.replace('node-unix-socket-', 'node-unix-socket.');
    assert.ok(files.includes(`dist/agent/node_modules/${name}/${binary}.node`), name);
  }
});
