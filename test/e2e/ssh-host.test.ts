/** Steps 3 to 6 on an SSH host that has never been connected to, added by its name in ~/.ssh/config. */
import assert from 'node:assert/strict';
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
import { packagedExtension } from '../support/packaged-extension.ts';
import { MACHINE_NAME, type SshMachine, startSshMachine } from '../support/ssh-machine.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';

const DEPLOY_MS = 60_000;
const skip = process.getuid?.() !== 0 && 'needs root';

let workspace: Workspace;
let machine: SshMachine;
let editor: Editor;
let opened: OpenedDevContainer;
before(async () => {
  if (skip !== false) return;
  workspace = await sampleCopy();
  machine = await startSshMachine();
  const env = { HOME: machine.clientHome, SLIPWAY_SOCKET: `${workspace.folder}.sock` };
  const machineSettings = { 'slipway.engine.registryMirrors': [machine.mirror] };
  editor = await startEditor({ workspace: workspace.folder, vsix: await packagedExtension(), env, machineSettings });
  await editor.openView('Slipway');
});
afterEach((context) => screenshotOfFailure(editor, context));
after(async () => {
  await editor?.[Symbol.asyncDispose]();
  await machine?.[Symbol.asyncDispose]();
  await workspace?.[Symbol.asyncDispose]();
});

test('a host is added: its key is shown, the engine sent there and started', { skip }, async () => {
  await editor.runCommand('Slipway: Add Host');
  await editor.see('~/.ssh/config');
  await editor.screenshot('add-host');
  await editor.choose(MACHINE_NAME);
  await editor.see(machine.fingerprint);
  await editor.screenshot('host-key');
  await editor.click('Trust and Connect');
  const connected = editor.row(new RegExp(`${MACHINE_NAME}.*active`, 's'));
  const install = editor.page.getByRole('button', { name: 'Install Now' });
  await connected.or(install).waitFor({ timeout: DEPLOY_MS });
  if (await install.isVisible()) {
    // The machine has no Node 24 of its own.
    await editor.see(/npm install .*node-linux/);
    await editor.screenshot('host-lacks-node');
    await install.click();
  }
  await connected.waitFor({ timeout: DEPLOY_MS });
  await editor.screenshot('ssh-host');
  assert.match(await readFile(path.join(machine.clientHome, '.ssh/known_hosts'), 'utf8'), /^[^ ]+ ssh-ed25519 /m);
});

test('Open Dev Container there: the folder is synced, an editor opens in the container', { skip }, async () => {
  opened = await openDevContainer(editor, machine, 'ssh-dev-container');
});

test('the app runs in a terminal in the container', { skip }, () => startApp(opened, machine));

test('saving a file here restarts the app there', { skip }, () =>
  saveAndSee(editor, opened.container, machine, 'ssh-hot-reload'),
);

test('Attach Debugger: a breakpoint in the local source is hit', { skip }, () =>
  hitBreakpoint(editor, opened.container, machine, 'ssh-breakpoint'),
);

test('no port was opened on the host', { skip }, () => {
  const ports = machine
    .run('cat /proc/net/tcp /proc/net/tcp6')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === '0A')
    .map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16));
  assert.deepEqual([...new Set(ports)], [22]);
});
