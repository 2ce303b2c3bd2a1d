/** Step 2: a Dockerfile and a compose.yaml with mistakes show them while typing, in the packaged extension. */
import { after, afterEach, before, test } from 'node:test';
import { type Editor, screenshotOfFailure, startEditor } from '../support/editor.ts';
import { packagedExtension } from '../support/packaged-extension.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';

let workspace: Workspace;
let editor: Editor;
before(async () => {
  workspace = await sampleCopy();
  // A socket that is not there: editing needs no engine.
  const env = { SLIPWAY_SOCKET: `${workspace.folder}.sock` };
  editor = await startEditor({ workspace: workspace.folder, vsix: await packagedExtension(), env });
});
afterEach((context) => screenshotOfFailure(editor, context));
after(async () => {
  await editor?.[Symbol.asyncDispose]();
  await workspace?.[Symbol.asyncDispose]();
});

test('the sample itself has no problems', async () => {
  await editor.openFile('Dockerfile');
  await editor.runCommand('Problems: Focus on Problems View');
  await editor.see('No problems have been detected in the workspace.');
});

test('a mistake in a Dockerfile is underlined while typing and told in the Problems view', async () => {
  await editor.openFile('Dockerfile');
  await editor.press('Control+End');
  await editor.type('\nFORM node:20\n');
  await editor.page.locator('.squiggly-error').first().waitFor();
  await (await editor.problem(/unknown instruction: FORM.*UnknownInstruction/)).waitFor();
  await editor.screenshot('dockerfile-diagnostics');
});

test('the quick fix repairs it', async () => {
  await editor.openFile('Dockerfile');
  await editor.runCommand('Go to Next Problem (Error, Warning, Info)');
  await editor.press('Escape');
  await editor.press('Control+.');
  const menu = editor.page.locator('.action-widget .monaco-list-row').filter({ hasText: 'FROM' }).first();
  await menu.waitFor();
  await editor.screenshot('dockerfile-quick-fix');
  await menu.click();
  await editor.page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
});

test('a mistake in a compose.yaml is underlined while typing', async () => {
  await editor.openFile('compose.yaml');
  await editor.press('Control+End');
  await editor.type('\n  worker:\n    image: busybox\nport: 80\n');
  await editor.page.locator('.squiggly-error').first().waitFor();
  await (await editor.problem(/'port'|\bport\b/)).waitFor();
  await editor.screenshot('compose-diagnostics');
});
