/**
 * Steps 3 and 4 on an SSH host that has never been connected to, added by its name in ~/.ssh/config; its disk is full at
 * times, and its connection lost. Steps 5 and 6 on an SSH host are in start-ssh.test.ts.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { openDevContainer, type OpenedDevContainer } from '../support/dev-container-journey.ts';
import { docker } from '../support/docker.ts';
import { type Editor, screenshotOfFailure, startEditor } from '../support/editor.ts';
import { waitFor } from '../support/machine.ts';
import { packagedExtension } from '../support/packaged-extension.ts';
import { MACHINE_NAME, type SshMachine, startSshMachine } from '../support/ssh-machine.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';

const DEPLOY_MS = 60_000;
/** The sync tries again after ever longer waits, ten seconds at most. */
const RECOVER_MS = 60_000;
const STATE = '/var/lib/slipway';
/** Of the disk of its own that the machine's engine has: the sample's image and container fit. */
const DISK_MB = 3000;
const BIG = 80_000_000;
const skip = process.getuid?.() !== 0 && 'needs root';

let workspace: Workspace;
let machine: SshMachine;
let editor: Editor;
let opened: OpenedDevContainer;
before(async () => {
  if (skip !== false) return;
  workspace = await sampleCopy();
  machine = await startSshMachine();
  machine.run(`mount -t tmpfs -o size=${DISK_MB}m tmpfs ${STATE}`);
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

/** Takes all room on the machine's disk but so many MB. */
function fillDisk(leave: number): void {
  machine.run(`dd if=/dev/zero of=${STATE}/fill bs=1M 2>/dev/null; truncate -c -s -${leave}M ${STATE}/fill`);
}

const freeDisk = (): string => machine.run(`rm ${STATE}/fill`);
const copies = (): string => machine.run(`ls ${STATE}/workspaces`);

test('a full disk there: one message, nothing half-made', { skip }, async () => {
  for (const [leave, words] of [
    [0, /No space left on the host for the workspace: free some/],
    [20, /node:20-slim could not be pulled: no space left on device/],
  ] as const) {
    fillDisk(leave);
    await editor.runCommand('Notifications: Clear All Notifications');
    await editor.runCommand('Slipway: Open Dev Container');
    await editor.notification(words, DEPLOY_MS);
    await editor.screenshot(`ssh-disk-full-${leave}`);
    assert.equal((await docker(machine, 'ps', '--all', '--quiet')).stdout, '');
    assert.equal(copies(), '', 'no copy of the folder');
    freeDisk();
  }
});

test('Open Dev Container there: the folder is synced, an editor opens in the container', { skip }, async () => {
  const again = (await editor.notification(/could not be pulled/)).getByRole('button', { name: 'Try Again' });
  opened = await openDevContainer(editor, machine, 'ssh-dev-container', () => again.click());
});

/** Of a file of the workspace, as the container sees it; -1: it is not there. */
async function sizeInside(name: string): Promise<number> {
  const script = `cd /workspaces/* && stat -c %s ${name} 2>/dev/null || echo -1`;
  return Number((await docker(machine, 'exec', opened.container, 'sh', '-c', script)).stdout);
}

async function arrives(name: string, size: number): Promise<void> {
  const message = (): string => `${name} did not arrive in the container whole: ${copies()}`;
  await waitFor(async () => (await sizeInside(name)) === size, message, RECOVER_MS);
}

test('the connection is killed in the middle of a sync: said once, got back, and the rest is sent', {
  skip,
}, async () => {
  await editor.runCommand('Notifications: Clear All Notifications');
  await writeFile(path.join(workspace.folder, 'big.bin'), Buffer.alloc(BIG, 'x'));
  await waitFor(
    () => machine.run(`ls -A ${STATE}/workspaces/.staging`) !== '',
    () => 'big.bin is not on its way',
  );
  // sshd itself, the first process there, lives on; the cable is out for a while.
  machine.run(
    'for pid in $(cat /proc/1/task/1/children); do grep -q sshd /proc/$pid/comm && kill -KILL $pid; done; sleep 0.3; ip link set eth0 down',
  );
  await editor.notification(/build-box: .*Trying to get it back/);
  const containers = editor.page.locator('.pane').filter({ has: editor.page.getByText('Containers', { exact: true }) });
  await containers.getByText(/The connection to the host was lost\. Slipway is trying to get it back/).waitFor();
  assert.equal(await editor.page.getByText('There is no container yet').count(), 0);
  await containers.getByRole('button', { name: 'Reconnect Now' }).waitFor();
  await editor.screenshot('ssh-connection-lost');
  machine.run('ip link set eth0 up');
  await editor.row(/build-box.*active/s).waitFor({ timeout: RECOVER_MS });
  await arrives('big.bin', BIG);
});

test('the disk fills up: said once, nothing lost, and the sync goes on when there is room', { skip }, async () => {
  await editor.runCommand('Notifications: Clear All Notifications');
  fillDisk(0);
  await writeFile(path.join(workspace.folder, 'later.bin'), Buffer.alloc(3_000_000, 'y'));
  await editor.notification(/does not get to build-box: No space left on the host.*nothing is lost/s);
  await editor.screenshot('ssh-sync-disk-full');
  assert.ok((await sizeInside('later.bin')) <= 0, 'nothing half-made'); // perhaps empty, as it was for a moment
  freeDisk();
  await arrives('later.bin', 3_000_000);
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
