/** What goes wrong, as a person sees it: one clear message, what can be done next, and nothing half-made. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { knownHostsLine } from '../../client/src/hosts/ssh/known-hosts.ts';
import { docker, tryDocker } from '../support/docker.ts';
import { type Editor, screenshotOfFailure, startEditor } from '../support/editor.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { packagedExtension } from '../support/packaged-extension.ts';
import { publicKey, sshPerson } from '../support/ssh-person.ts';
import { makeKey, startSshd, type TestSshd } from '../support/sshd.ts';
import { sampleCopy, type Workspace } from '../support/workspace.ts';

const skip = process.getuid?.() !== 0 && 'needs root';

let workspace: Workspace;
let engine: TestEngine;
let sshd: TestSshd;
let home: string;
let editor: Editor;
before(async () => {
  if (skip !== false) return;
  workspace = await sampleCopy();
  engine = await startTestEngine();
  sshd = await startSshd();
  const strange = makeKey(path.join(sshd.folder, 'strange'));
  const server = ['HostName 127.0.0.1', `Port ${sshd.port}`, 'User root', 'GlobalKnownHostsFile /dev/null'];
  const person = sshPerson(sshd, [`IdentityFile ${sshd.keyFile}`]);
  home = person.home;
  const hosts = [
    ['Host nowhere', 'HostName nowhere.invalid'],
    ['Host closed', 'HostName 127.0.0.1', 'Port 1'],
    ['Host stranger', ...server, `IdentityFile ${strange}`, 'IdentitiesOnly yes', 'StrictHostKeyChecking accept-new'],
  ].map((lines) => lines.join('\n  '));
  const config = await readFile(person.sources.userFile, 'utf8');
  await writeFile(person.sources.userFile, `${config}\n${hosts.join('\n')}\n`);
  const env = { SLIPWAY_SOCKET: engine.socket, SLIPWAY_CONNECT: 'local', HOME: home, SSH_AUTH_SOCK: '' };
  editor = await startEditor({ workspace: workspace.folder, vsix: await packagedExtension(), env });
  await editor.openView('Slipway');
  await editor.row(/This machine.*active/s).waitFor();
});
afterEach((context) => screenshotOfFailure(editor, context));
after(async () => {
  await editor?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  await sshd?.[Symbol.asyncDispose]();
  await workspace?.[Symbol.asyncDispose]();
});

/** The one message that says it. */
async function told(words: RegExp, shot?: string): Promise<Locator> {
  const message = await editor.notification(words);
  if (shot !== undefined) await editor.screenshot(shot);
  return message;
}

const clear = (): Promise<void> => editor.runCommand('Notifications: Clear All Notifications');

async function addHost(name: string): Promise<void> {
  await clear();
  await editor.runCommand('Slipway: Add SSH Host');
  await editor.choose(name);
}

for (const [name, words] of [
  ['nowhere', /Cannot reach nowhere\.invalid:22 \(nowhere\): there is no host of the name.*Check the spelling/],
  ['closed', /Cannot reach 127\.0\.0\.1:1 \(closed\): connection refused\. Is sshd running there/],
] as const) {
  test(`a host that cannot be reached: ${name}`, { skip }, async () => {
    await addHost(name);
    const message = await told(words, `host-${name}`);
    await message.getByRole('button', { name: 'Try Again' }).waitFor();
    await editor.row(new RegExp(`${name}.*not connected`, 's')).waitFor();
  });
}

test('a wrong key: what was tried', { skip }, async () => {
  await addHost('stranger');
  await told(/root@127\.0\.0\.1 did not let you in\. Tried: .*strange/, 'host-wrong-key');
});

test('a changed host key is refused, with the line of known_hosts and what to do', { skip }, async () => {
  const other = publicKey(makeKey(path.join(sshd.folder, 'other')));
  await writeFile(path.join(home, '.ssh/known_hosts'), `${knownHostsLine(`[127.0.0.1]:${sshd.port}`, other, false)}\n`);
  await addHost('box');
  await told(/known_hosts:1.*ssh-keygen -R/s, 'host-key-changed');
});

async function configure(config: object | string): Promise<void> {
  await clear();
  const text = typeof config === 'string' ? config : JSON.stringify(config, undefined, 2);
  await writeFile(path.join(workspace.folder, '.devcontainer/devcontainer.json'), text);
}

async function noContainers(...others: readonly string[]): Promise<void> {
  const { stdout } = await docker(engine, 'ps', '--all', '--format', '{{.Names}}');
  assert.deepEqual(stdout.split('\n').filter(Boolean), others);
}

const open = (): Promise<void> => editor.runCommand('Slipway: Open Dev Container');

test('an image that is not there', { skip }, async () => {
  await configure({ image: 'no/such-image:1' });
  await open();
  const message = await told(/There is no image “no\/such-image:1”\. Check its name and tag/, 'dev-missing-image');
  await message.getByRole('button', { name: 'Try Again' }).waitFor();
  await noContainers();
});

test('a mistake in devcontainer.json is shown where it is', { skip }, async () => {
  await configure('{\n  "image": "busybox",\n  "forwardPorts": "3000"\n}\n');
  await open();
  await told(/(?<!\/)\.devcontainer\/devcontainer\.json:3:19: forwardPorts must be an array/, 'dev-invalid-config');
  await editor.page.locator('.tab.active[data-resource-name="devcontainer.json"]').waitFor();
  await editor.see('Ln 3, Col 19');
});

test('what is not supported yet says so', { skip }, async () => {
  await configure({ image: 'busybox', features: { 'ghcr.io/devcontainers/features/node:1': {} } });
  await open();
  await told(/Features are not yet supported: install the tools in a Dockerfile/);
  await configure({ dockerComposeFile: '../compose.yaml', service: 'api' });
  await open();
  await told(/Compose projects are not yet supported: use "image" or "build"/);
});

test('a Dockerfile that does not build: its output, and nothing left', { skip }, async () => {
  await configure({ build: { dockerfile: 'Dockerfile' } });
  const dockerfile = path.join(workspace.folder, '.devcontainer/Dockerfile');
  await writeFile(dockerfile, 'FROM busybox\nRUN echo working && exit 7\n');

  await open();
  await told(/The image could not be built:.*exit 7.*returned a non-zero code: 7/, 'dev-build-fails');
  await editor.see('Step 2/2 : RUN echo working && exit 7');
  await noContainers();
});

test('a hook that fails, repaired and tried again from the message', { skip }, async () => {
  await configure({ image: 'busybox', postCreateCommand: 'echo so far; exit 4' });
  await open();
  const message = await told(/postCreateCommand failed with exit code 4/, 'dev-hook-fails');
  await noContainers();
  await writeFile(
    path.join(workspace.folder, '.devcontainer/devcontainer.json'),
    JSON.stringify({ image: 'busybox', postCreateCommand: 'exit 5' }),
  );
  await message.getByRole('button', { name: 'Try Again' }).click();
  await told(/postCreateCommand failed with exit code 5/);
});

test('a taken port: who has it', { skip }, async () => {
  await docker(engine, 'run', '--detach', '--name', 'web', '--publish', '127.0.0.1::80', 'busybox', 'sleep', '600');
  const port = /:(\d+)/.exec((await docker(engine, 'port', 'web')).stdout)?.[1] ?? '';
  await configure({ image: 'busybox', appPort: [Number(port)] });
  await open();
  await told(new RegExp(`Port ${port} of this machine is taken by the container web: stop that`), 'dev-port-taken');
  await noContainers('web');
  await tryDocker(engine, ['rm', '--force', 'web']);
});
