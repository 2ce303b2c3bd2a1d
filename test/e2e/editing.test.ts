/** Step 2: a Dockerfile and a compose.yaml with mistakes show them while typing, in the packaged extension. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Editor, screenshotOfFailure, startEditor } from '../support/editor.ts';
import { waitFor } from '../support/machine.ts';
import { packagedExtension } from '../support/packaged-extension.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';

/** On a busy machine; otherwise it is at once. */
const LENS_MS = 20_000;
const AGAIN_MS = 3000;

let workspace: Workspace;
let editor: Editor;
before(async () => {
  workspace = await sampleCopy();
  await writeFile(inWorkspace('Containerfile'), 'FROM busybox:1 as One\nUSER 1000\n');
  // A socket that is not there: editing needs no engine.
  const env = { SLIPWAY_SOCKET: `${workspace.folder}.sock` };
  editor = await startEditor({ workspace: workspace.folder, vsix: await packagedExtension(), env });
});
afterEach((context) => screenshotOfFailure(editor, context));
after(async () => {
  await editor?.[Symbol.asyncDispose]();
  await workspace?.[Symbol.asyncDispose]();
});

const inWorkspace = (name: string): string => path.join(workspace.folder, name);

/** Waits until the file on disk is like that. */
async function saved(name: string, pattern: RegExp): Promise<void> {
  for (let text = '', left = 100; ; left--) {
    text = await readFile(inWorkspace(name), 'utf8').catch(() => '');
    if (pattern.test(text)) return;
    assert.ok(left > 0, `${name} has become like ${pattern}:\n${text}`);
    await sleep(100);
  }
}

async function set(settings: object): Promise<void> {
  await mkdir(inWorkspace('.vscode'), { recursive: true });
  await writeFile(inWorkspace('.vscode/settings.json'), JSON.stringify(settings));
}

/** The entry of the code actions at the caret. An editor that has only just got the focus may not take the first keys. */
async function actionOffered(title: string): Promise<Locator> {
  const entry = editor.page.locator('.action-widget .monaco-list-row').filter({ hasText: title }).first();
  const shown = (): Promise<boolean> =>
    entry.waitFor({ timeout: AGAIN_MS }).then(
      () => true,
      () => false,
    );
  for (let tries = 10; tries > 0; tries--) {
    await editor.press('Control+.');
    if (await shown()) return entry;
    await editor.press('Escape');
  }
  throw new Error(`no code action ${title} is offered`);
}

test('the sample itself has no problems', async () => {
  await editor.openFile('Dockerfile');
  await editor.runCommand('Problems: Focus on Problems View');
  await editor.see('No problems have been detected in the workspace.');
});

test('a mistake in a Dockerfile is underlined while typing and told in the Problems view', async () => {
  await editor.openFile('Dockerfile');
  await editor.goToEnd();
  await editor.type('\nFORM node:20\n');
  await editor.page.locator('.squiggly-error').first().waitFor();
  await (await editor.problem(/unknown instruction: FORM.*UnknownInstruction/)).waitFor();
  await editor.screenshot('dockerfile-diagnostics');
});

test('the quick fix repairs it', async () => {
  await editor.openFile('Dockerfile');
  await editor.runCommand('Go to Next Problem (Error, Warning, Info)');
  await editor.press('Escape');
  const menu = await actionOffered('FROM');
  await editor.screenshot('dockerfile-quick-fix');
  await menu.click();
  await editor.page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
});

test('a mistake in a compose.yaml is underlined while typing', async () => {
  await editor.openFile('compose.yaml');
  await editor.goToEnd();
  await editor.type('\n  worker:\n    image: busybox\nport: 80\n');
  await editor.page.locator('.squiggly-error').first().waitFor();
  await (await editor.problem(/'port'|\bport\b/)).waitFor();
  await editor.screenshot('compose-diagnostics');
});

test('completion offers what can stand there, with its meaning', async () => {
  await editor.openFile('Dockerfile');
  await editor.goToEnd();
  await editor.type('\nCOPY --f');
  await editor.press('Control+Space');
  const suggestions = editor.page.locator('.suggest-widget.visible .monaco-list-row');
  await suggestions.filter({ hasText: '--from' }).first().waitFor();
  await editor.screenshot('dockerfile-completion');
  await editor.press('Enter');
  // What follows the equals sign is offered by itself.
  await suggestions.filter({ hasText: 'dependencies' }).first().waitFor();
  await editor.press('Escape');
  await editor.press('Control+Shift+K');
});

test('hover explains what is under the caret', async () => {
  await editor.openFile('Dockerfile');
  await editor.goTo(13, 6);
  await editor.runCommand('Show or Focus Hover');
  const hover = editor.page.locator('.monaco-hover:visible').filter({ hasText: 'NODE_ENV' }).first();
  await hover.waitFor();
  await hover.filter({ hasText: 'production' }).waitFor();
  await editor.screenshot('dockerfile-hover');
  await editor.press('Escape');
});

test('a stage is renamed in the Dockerfile and in the Compose file that builds it', async () => {
  await editor.openFile('Dockerfile');
  await editor.goTo(12, 16);
  await editor.press('F2');
  const box = editor.page.locator('.rename-box input:visible');
  await box.waitFor();
  await box.fill('final');
  await editor.screenshot('dockerfile-rename');
  await editor.press('Enter');
  await editor.see('FROM base AS final');
  await editor.runCommand('File: Save All Files');
  await saved('Dockerfile', /^FROM base AS final$/m);
  await saved('compose.yaml', /^ +target: final$/m);
});

test('format makes a file look as it should', async () => {
  await editor.openFile('Dockerfile');
  await editor.goToEnd();
  await editor.type('\n  RUN echo a && \\\necho b');
  await editor.runCommand('Format Document');
  await editor.press('Control+S');
  await saved('Dockerfile', /^RUN echo a && \\\n {4}echo b$/m);
});

test('lenses build and start; a setting takes them away', async () => {
  await editor.openFile('Dockerfile');
  await editor.goTo(1, 1);
  const lens = editor.page
    .locator('.codelens-decoration a')
    .filter({ hasText: 'Build this stage', visible: true })
    .first();
  await lens.waitFor();
  await editor.screenshot('dockerfile-lenses');
  const told = editor.page.getByText(/No host is connected\. Connect to one in the Slipway view to build an image\./);
  // A lens that is just being replaced, as after an edit, takes no click.
  const clicked = async (): Promise<boolean> => {
    await lens.click();
    await told
      .first()
      .waitFor({ timeout: AGAIN_MS })
      .catch(() => undefined);
    return told.first().isVisible();
  };
  await waitFor(clicked, () => 'a click on the lens says nothing', LENS_MS);
  await set({ 'slipway.codeLens.enabled': false });
  await lens.waitFor({ state: 'detached' });
  await set({});
  await lens.waitFor();
});

test('a rule is ignored in the file, and turned off in settings, by code actions', async () => {
  await editor.openFile('Containerfile');
  await editor.page.locator('.squiggly-warning').first().waitFor();
  // A list that is made anew while it is clicked on takes the click for nothing: a person clicks again.
  const action = async (title: string, done: () => Promise<unknown>): Promise<void> => {
    for (let tries = 3; ; tries--) {
      await (await actionOffered(title)).click();
      const error: unknown = await done().then(
        () => undefined,
        (why: unknown) => why,
      );
      if (error === undefined) return;
      if (tries === 1) throw error;
    }
  };
  await editor.goTo(1, 17);
  await action('Ignore FromAsCasing in this file', () => editor.see('# check=skip=FromAsCasing', AGAIN_MS));
  await editor.goTo(2, 19);
  const off = /"slipway\.lint\.rules": \{\s*"StageNameCasing": "off"\s*\}/;
  await action('Turn off StageNameCasing in settings', () => saved('.vscode/settings.json', off));
  await editor.page.locator('.squiggly-warning').first().waitFor({ state: 'detached' });
  await editor.press('Control+S');
});

test('files that are not open have no problems, unless a setting says so', async () => {
  for (const folder of ['closed', 'node_modules/package']) {
    await mkdir(inWorkspace(folder), { recursive: true });
    await writeFile(inWorkspace(`${folder}/Dockerfile`), `FORM ${folder}\n`);
  }
  await editor.openFile('Containerfile');
  const closed = await editor.problem(/unknown instruction: FORM/);
  await sleep(3000); // the editor asks every two seconds
  assert.equal(await closed.count(), 0);
  await set({ 'slipway.diagnostics.workspace': true });
  await closed.waitFor();
  await editor.screenshot('workspace-diagnostics');
  assert.equal(
    await editor.page
      .locator('.markers-panel-container')
      .getByText(/unknown instruction: FORM/)
      .count(),
    1,
  );
  await set({});
  await closed.waitFor({ state: 'detached' });
});
