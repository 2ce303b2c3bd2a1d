/** `npm start -- --ssh HOST --workspace DIR`: the main job from one command, on a host that was never connected to. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import {
  hitBreakpoint,
  openDevContainer,
  type OpenedDevContainer,
  saveAndSee,
  startApp,
} from '../support/dev-container-journey.ts';
import { browse, type Editor, screenshotOfFailure, TYPE_AS_IT_IS } from '../support/editor.ts';
import { waitFor } from '../support/machine.ts';
import { packagedExtension } from '../support/packaged-extension.ts';
import { interrupt, npmStart, type Started } from '../support/npm-start.ts';
import { MACHINE_NAME, type SshMachine, startSshMachine } from '../support/ssh-machine.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';
import { START_SETTINGS } from '../../tools/start/settings.ts';
import { freePort } from '../../tools/world/registry.ts';

const READY_MS = 60_000;
const DEPLOY_MS = 60_000;
const skip = process.getuid?.() !== 0 && 'needs root';

let workspace: Workspace;
let machine: SshMachine;
let started: Started;
let editor: Editor;
let opened: OpenedDevContainer;
before(async () => {
  if (skip !== false) return;
  await packagedExtension();
  workspace = await sampleCopy();
  machine = await startSshMachine();
});
afterEach((context) => screenshotOfFailure(editor, context));
after(async () => {
  await editor?.[Symbol.asyncDispose]();
  if (started?.process.exitCode === null) await interrupt(started);
  await machine?.[Symbol.asyncDispose]();
  await workspace?.[Symbol.asyncDispose]();
});

/** A person has settings of their own; these keep what a test types as it is. */
async function writeSettings(home: string): Promise<void> {
  const file = path.join(home, '.local/share/slipway/vscode/user/User/settings.json');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ ...START_SETTINGS, ...TYPE_AS_IT_IS }));
}

test('one address; the editor asks for the host key, sends the engine and shows the host', { skip }, async () => {
  const home = machine.clientHome;
  await writeSettings(home);
  const args = ['--ssh', MACHINE_NAME, '--workspace', workspace.folder, '--port', String(await freePort())];
  started = npmStart(home, args, (program, list, env) => spawn(program, list, { env }));
  const url = await started.readyUrl(READY_MS);
  assert.equal(new URL(url).searchParams.get('folder'), workspace.folder);
  assert.doesNotMatch(started.output(), /engine (started|reused|replaced)/, 'no engine on this machine');
  editor = await browse(url);
  await editor.see(machine.fingerprint);
  await editor.click('Trust and Connect');
  // The next question lies over everything else: the view can be opened when all are answered.
  const inUse = editor.page.locator('.statusbar-item').filter({ hasText: MACHINE_NAME });
  const install = editor.page.getByRole('button', { name: 'Install Now' });
  await inUse.or(install).waitFor({ timeout: DEPLOY_MS });
  if (await install.isVisible()) await install.click(); // the machine has no Node 24 of its own
  await inUse.waitFor({ timeout: DEPLOY_MS });
  await editor.page.locator('.tab.active').filter({ hasText: 'README.md' }).waitFor(); // what to do first
  await editor.screenshot('start-ssh-readme');
  await editor.openView('Slipway');
  await editor.row(new RegExp(`${MACHINE_NAME}.*active`, 's')).waitFor();
  assert.ok(existsSync(`/proc/self/root${machine.url.slice('unix://'.length)}`), 'the engine is on the host');
});

test('Open Dev Container on it, with an image that only this machine has', { skip }, async () => {
  opened = await openDevContainer(editor, machine, 'start-ssh');
  await editor.row(/^sample-/).waitFor();
});

test('an error in the editor is told in the terminal, too', { skip }, async () => {
  await editor.runCommand('Slipway: Show Project Logs');
  await editor.see(/no Compose project is on any connected host/);
  await waitFor(
    () => /^slipway: .*no Compose project/m.test(started.output()),
    () => started.output(),
  );
});

test('a save is visible there, and the app restarts', { skip }, async () => {
  await startApp(opened, machine);
  await saveAndSee(editor, opened.container, machine, 'start-ssh-hot-reload');
});

test('a breakpoint is hit', { skip }, () => hitBreakpoint(editor, opened.container, machine, 'start-ssh-breakpoint'));

test('Ctrl-C stops the editor; the container lives on', { skip }, async () => {
  const { origin } = new URL(editor.page.url());
  assert.equal(await interrupt(started), 0);
  await assert.rejects(fetch(origin));
  const containers = machine.run('cat /proc/[0-9]*/comm');
  assert.match(containers, /^conmon$/m);
});
