/** Step 3: adding an SSH host by its name in ~/.ssh/config, on a machine that has never been connected to. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { type Editor, screenshotOfFailure, startEditor } from '../support/editor.ts';
import { packagedExtension } from '../support/packaged-extension.ts';
import { MACHINE_NAME, type SshMachine, startSshMachine } from '../support/ssh-machine.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';

const DEPLOY_MS = 60_000;
const skip = process.getuid?.() !== 0 && 'needs root';

let workspace: Workspace;
let machine: SshMachine;
let editor: Editor;
before(async () => {
  if (skip !== false) return;
  workspace = await sampleCopy();
  machine = await startSshMachine();
  const env = { HOME: machine.clientHome, SLIPWAY_SOCKET: `${workspace.folder}.sock` };
  editor = await startEditor({ workspace: workspace.folder, vsix: await packagedExtension(), env });
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

test('no port was opened on the host', { skip }, () => {
  const ports = machine
    .run('cat /proc/net/tcp /proc/net/tcp6')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === '0A')
    .map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16));
  assert.deepEqual([...new Set(ports)], [22]);
});
