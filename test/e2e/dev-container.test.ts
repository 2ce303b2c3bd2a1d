/** Steps 4 to 6 on this machine: a dev container, hot reload in it, a breakpoint in it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import {
  hitBreakpoint,
  openDevContainer,
  type OpenedDevContainer,
  saveAndSee,
  startApp,
} from '../support/dev-container-journey.ts';
import { type Editor, screenshotOfFailure, startEditor } from '../support/editor.ts';
import { until } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { packagedExtension } from '../support/packaged-extension.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';

const skip = process.getuid?.() !== 0 && 'needs root';

let workspace: Workspace;
let engine: TestEngine;
let editor: Editor;
let opened: OpenedDevContainer;
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
  opened = await openDevContainer(editor, engine, 'dev-container');
});

test('the app runs in a terminal in the container', { skip }, () => startApp(opened, engine));

test('the first window keeps its way to its own server: a terminal opens there', { skip }, async () => {
  const file = path.join(workspace.folder, 'said');
  await editor.runInTerminal(`echo here > '${file}'`);
  await until('what the terminal writes', async () => (await readFile(file, 'utf8').catch(() => '')) === 'here\n');
});

test('saving a file outside restarts the app inside', { skip }, () =>
  saveAndSee(editor, opened.container, engine, 'hot-reload'),
);

test('Attach Debugger: a breakpoint in the local source is hit', { skip }, () =>
  hitBreakpoint(editor, opened.container, engine, 'breakpoint'),
);
