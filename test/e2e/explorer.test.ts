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
import { waitFor } from '../support/machine.ts';
import { packagedExtension } from '../support/packaged-extension.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';

/** On a busy machine; otherwise it is at once. */
const LIVE_MS = 10_000;
/** Two messages of a statistics stream, and a pause between repaints. */
const USAGE_MS = 15_000;
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

test('a running container shows what it uses', { skip }, async () => {
  await docker(engine, 'run', '--detach', '--name', 'busy', 'busybox', 'sh', '-c', 'while true; do :; done');
  await editor.row(/^busy.*[1-9]\d*% [\d.]+ [kM]?B.*busybox/s).waitFor({ timeout: USAGE_MS });
  await docker(engine, 'rm', '--force', 'busy');
});

test('a Compose project is started, stopped and removed as one', { skip }, async () => {
  for (const service of ['api', 'db']) {
    const labels = [
      `project=shop`,
      `service=${service}`,
      `depends_on=${service === 'api' ? 'db:service_started:true' : ''}`,
    ];
    const flags = labels.flatMap((label) => ['--label', `com.docker.compose.${label}`]);
    await docker(engine, 'run', '--detach', '--init', '--name', `shop-${service}`, ...flags, 'busybox', 'sleep', '600');
  }
  const project = editor.row(/^shop/);
  await editor.row(/^shop.*2 containers/s).waitFor();
  await editor.screenshot('project');
  await project.hover();
  await project.getByRole('button', { name: 'Stop Project' }).click();
  await editor.row(/^shop.*0 of 2 running/s).waitFor();
  await project.hover();
  await project.getByRole('button', { name: 'Start Project' }).click();
  await editor.row(/^shop.*2 containers/s).waitFor();
  await editor.runCommand('Slipway: Remove Project');
  await editor.choose('shop');
  await editor.click('Remove');
  await project.waitFor({ state: 'detached' });
});

test('a file of a container is opened, changed and saved', { skip }, async () => {
  await docker(
    engine,
    'run',
    '--detach',
    '--name',
    'notes',
    'busybox',
    'sh',
    '-c',
    'mkdir /aaa; echo one >/motd; sleep 600',
  );
  await editor.row(/^notes/).waitFor();
  await editor.runCommand('Slipway: Browse Files');
  await editor.choose('notes');
  // An empty folder: what comes into a full one as it opens would push the last row out of what is shown.
  await editor.row(/^aaa/).click();
  await editor.press('End'); // files come after folders
  await editor.row(/^motd/).click();
  await editor.page.locator('.tab.active[data-resource-name="motd"]').waitFor();
  await editor.page.locator('.editor-instance .monaco-editor .view-line').filter({ hasText: 'one' }).waitFor();
  await editor.page.locator('.editor-instance .monaco-editor .view-line').first().click();
  await editor.press('Control+Home');
  await editor.type('two and ');
  await editor.screenshot('container-files');
  await editor.press('Control+S');
  const content = async (): Promise<string> => (await docker(engine, 'exec', 'notes', 'cat', '/motd')).stdout;
  await waitFor(
    async () => (await content()) === 'two and one\n',
    () => 'not saved',
  );
  await docker(engine, 'rm', '--force', 'notes');
});

test('a terminal has docker talking to the same engine', { skip }, async () => {
  const file = path.join(workspace.folder, 'docker-says');
  await editor.runInTerminal(`docker info --format '{{.ID}}' > ${file}.part; mv ${file}.part ${file}`);
  const id = await readWhenThere(file);
  assert.equal(id.trim(), (await engine.call('GET', '/info')).json<{ ID: string }>().ID);
});

test('the walkthrough opens', { skip }, async () => {
  await editor.runCommand('Slipway: Get Started');
  await editor.see('From an empty machine to a breakpoint in a container.');
  await editor.page.locator('.codicon-getting-started-step-checked').first().waitFor();
  await editor.see('Connect to a host');
  await editor.screenshot('walkthrough');
});

async function readWhenThere(file: string): Promise<string> {
  for (const deadline = Date.now() + 20_000; !existsSync(file); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`${file} was not written`);
  }
  return readFile(file, 'utf8');
}
