/** Step 3: the Slipway view shows hosts, containers and images, live. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { docker } from '../support/docker.ts';
import { type Editor, screenshotOfFailure, startEditor } from '../support/editor.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { packagedExtension } from '../support/packaged-extension.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';

const LIVE_MS = 2000;
const skip = process.getuid?.() !== 0 && 'needs root';

let workspace: Workspace;
let engine: TestEngine;
let editor: Editor;
before(async () => {
  if (skip !== false) return;
  workspace = await sampleCopy();
  engine = await startTestEngine();
  const env = { SLIPWAY_SOCKET: engine.socket, SLIPWAY_CONNECT: 'local' };
  editor = await startEditor({ workspace: workspace.folder, vsix: await packagedExtension(), env });
  await editor.openView('Slipway');
});
afterEach((context) => screenshotOfFailure(editor, context));
after(async () => {
  await editor?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  await workspace?.[Symbol.asyncDispose]();
});

test('this machine is connected', { skip }, async () => {
  await editor.row(/This machine.*active/s).waitFor();
});

test('a container and its image appear, change and go as it happens', { skip }, async () => {
  await docker(engine, 'run', '--detach', '--name', 'web', 'busybox', 'sleep', '600');
  await editor.row(/^web.*busybox.*up/s).waitFor({ timeout: LIVE_MS });
  await editor.row(/busybox:latest/).waitFor({ timeout: LIVE_MS });
  await editor.screenshot('slipway-view');
  await docker(engine, 'rename', 'web', 'shop');
  await editor.row(/^shop/).waitFor({ timeout: LIVE_MS });
  await docker(engine, 'kill', 'shop');
  await editor.row(/shop.*exited/s).waitFor({ timeout: LIVE_MS });
  await docker(engine, 'rm', 'shop');
  await editor.row(/^shop/).waitFor({ state: 'detached', timeout: LIVE_MS });
});

test('a terminal has docker talking to the same engine', { skip }, async () => {
  const file = path.join(workspace.folder, 'docker-says');
  await editor.runInTerminal(`docker info --format '{{.ID}}' > ${file}.part; mv ${file}.part ${file}`);
  const id = await readWhenThere(file);
  assert.equal(id.trim(), (await engine.call('GET', '/info')).json<{ ID: string }>().ID);
});

async function readWhenThere(file: string): Promise<string> {
  for (const deadline = Date.now() + 20_000; !existsSync(file); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`${file} was not written`);
  }
  return readFile(file, 'utf8');
}
