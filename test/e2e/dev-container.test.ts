/** Steps 4 to 6 on this machine: a dev container, hot reload in it, a breakpoint in it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { docker } from '../support/docker.ts';
import { type Editor, type EditorWindow, screenshotOfFailure, startEditor } from '../support/editor.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { packagedExtension } from '../support/packaged-extension.ts';
import { answersIn, askIn } from '../support/sample-app.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';

const OPEN_MS = 120_000;
const skip = process.getuid?.() !== 0 && 'needs root';

let workspace: Workspace;
let engine: TestEngine;
let editor: Editor;
let inside: EditorWindow;
let container = '';
before(async () => {
  if (skip !== false) return;
  workspace = await sampleCopy();
  engine = await startTestEngine();
  const env = { SLIPWAY_SOCKET: engine.socket, SLIPWAY_CONNECT: 'local' };
  editor = await startEditor({ workspace: workspace.folder, vsix: await packagedExtension(), env });
  await editor.openView('Slipway');
  await editor.row(/This machine.*active/s).waitFor();
});
afterEach((context) => screenshotOfFailure(editor, context));
after(async () => {
  await editor?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  await workspace?.[Symbol.asyncDispose]();
});

test('Open Dev Container: an editor opens in the container, at the workspace', { skip }, async () => {
  inside = await editor.windowOpenedBy(() => editor.runCommand('Slipway: Open Dev Container'), OPEN_MS);
  await inside.row(/^Dockerfile/).waitFor();
  assert.equal(await inside.page.getByText('Welcome').count(), 0, 'the settings of the person are there');
  await inside.screenshot('dev-container-inside');
  await editor.screenshot('dev-container-outside');
  container = (await docker(engine, 'ps', '--quiet')).stdout.trim();
  assert.match(container, /^[0-9a-f]{12}$/, 'one container runs');
  assert.ok(existsSync(path.join(workspace.folder, 'node_modules/nanoid')), 'postCreateCommand ran');
});

test('the app runs in a terminal in the container', { skip }, async () => {
  await inside.runInTerminal('npm run dev');
  await answersIn(engine, container, '/greeting?name=Ada', /Hello, Ada!/);
});

test('saving a file outside restarts the app inside', { skip }, async () => {
  await editor.openFile('greeting.js');
  await editor.press('Control+Home');
  await editor.press('ArrowDown');
  await editor.press('Control+L');
  await editor.type('  const message = `Howdy, ${name}!`;\n');
  await editor.press('Control+S');
  const took = await answersIn(engine, container, '/greeting?name=Ada', /Howdy, Ada/);
  assert.ok(took < 10_000, `${took} ms`);
  await editor.runCommand('Slipway: Show Sync Log');
  await editor.see(/visible\sin\sthe\scontainer\safter\s\d+\sms/);
  await editor.screenshot('hot-reload');
});

test('Attach Debugger: a breakpoint in the local source is hit', { skip }, async () => {
  await editor.openFile('greeting.js');
  await editor.press('Control+Home');
  await editor.press('ArrowDown');
  await editor.press('ArrowDown');
  await editor.press('F9');
  await editor.runCommand('Slipway: Attach Debugger');
  await editor.choose(/^sample-/);
  await editor.page.locator('.debug-toolbar').waitFor();
  await editor.page.locator('.codicon-debug-breakpoint').first().waitFor();
  const asked = askIn(engine, container, '/greeting?name=Ada');
  await editor.page.locator('.codicon-debug-stackframe').first().waitFor();
  await editor.see(/Paused on breakpoint/i);
  await editor.screenshot('breakpoint');
  await editor.press('F5');
  assert.match((await asked) ?? '', /Howdy, Ada/);
});
