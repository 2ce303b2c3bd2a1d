/** The sync through a real SSH connection that is killed in the middle of it, and got back by the list of hosts. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { EngineError } from '#model/engine-api/errors.ts';
import { openConnection } from '../../client/src/hosts/connection.ts';
import { type HostList, hostList } from '../../client/src/hosts/host-list.ts';
import { startFolderSync } from '../../client/src/sync/start-folder-sync.ts';
import type { SyncSession } from '../../client/src/sync/sync-session.ts';
import { createWorkspaces } from '../../runtime-agent/src/sync/workspaces.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { packChanges } from '../../client/src/sync/pack-changes.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { recordingUi } from '../support/recording-ui.ts';
import { sshPerson } from '../support/ssh-person.ts';
import { startSshd, type TestSshd } from '../support/sshd.ts';

const never = new AbortController().signal;
let engine: TestEngine;
let sshd: TestSshd;
before(async () => {
  engine = await startTestEngine({ mirror: false });
  sshd = await startSshd();
});
after(async () => {
  await sshd[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

let base: string;
let folder: string;
let hosts: HostList;
const lost: string[] = [];
const ui = recordingUi();
beforeEach(async () => {
  base = mkdtempSync(path.join(tmpdir(), 'slipway-ss-'));
  folder = path.join(base, 'local');
  mkdirSync(folder);
  lost.length = 0;
  ui.clear();
  const person = sshPerson(sshd);
  hosts = hostList({
    saved: [{ kind: 'ssh', name: 'box' }],
    save: async () => {},
    log: () => {},
    onLost: (_label, reason) => lost.push(reason),
    backOff: [200],
    connect: async (_host, { signal }) => {
      const shell = await person.connect('box', signal);
      const identity = { id: 'ssh:box', label: 'box', kind: 'ssh', socketPath: engine.socket } as const;
      return await openConnection(
        { ...identity, shell, onTransportLost: shell.onClose, close: () => shell.end() },
        signal,
      );
    },
  });
  await hosts.connect('ssh:box');
});
afterEach(async () => {
  await hosts[Symbol.asyncDispose]();
  rmSync(base, { recursive: true, force: true });
});

const start = async (): Promise<SyncSession> =>
  await startFolderSync(
    { hostId: 'ssh:box', folder, name: 'over-ssh' },
    { ui, hosts, storage: base, copyBack: () => {} },
    () => {},
    never,
  );
const host = (name: string): string => path.join(engine.dataRoot, 'workspaces/over-ssh', name);

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !holds(); await sleep(10)) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen in 20 s\n${ui.said.join('\n')}`);
  }
}

test('a connection killed in the middle of a save: the old file stays whole, one message, and it goes on', async () => {
  writeFileSync(path.join(folder, 'big.bin'), 'old');
  await using _session = await start();
  assert.equal(readFileSync(host('big.bin'), 'utf8'), 'old');
  writeFileSync(path.join(folder, 'big.bin'), Buffer.alloc(60_000_000, 'x'));
  const staging = path.join(engine.dataRoot, 'workspaces/.staging');
  await until('the transfer', () => readdirSync(staging).length > 0);
  sshd.dropConnections();
  assert.equal(readFileSync(host('big.bin')).length === 3 || statSync(host('big.bin')).size === 60_000_000, true);
  await until('the reconnect and the rest', () => statSync(host('big.bin')).size === 60_000_000);
  assert.equal(lost.length, 1);
  writeFileSync(path.join(folder, 'later.js'), 'saved later');
  await until('a later save', () => ui.said.some((line) => line.includes('later.js: saved and sent')));
  assert.ok(existsSync(host('later.js')));
  assert.deepEqual(
    ui.said.filter((line) => !line.startsWith('channel')),
    [],
  );
  assert.match(ui.said.join('\n'), /sync is interrupted/);
});

test('a host that nobody connects to any more ends the waiting with a clear error', async () => {
  await hosts.disconnect('ssh:box');
  await assert.rejects(
    start(),
    (error: EngineError) => error.code === 'unavailable' && /box is not connected/.test(error.message),
  );
});

test('changes made in the container are told once, with an offer to bring them here', async () => {
  writeFileSync(path.join(folder, 'a.js'), 'one');
  await using _session = await start();
  await sleep(300);
  writeFileSync(host('a.js'), 'by the container');
  writeFileSync(host('made.txt'), 'by the container');
  await until('the message', () => ui.said.some((line) => line.startsWith('info')));
  writeFileSync(host('more.txt'), 'x');
  await until('the log', () => ui.said.some((line) => line.includes('more.txt')));
  await sleep(1000);
  const messages = ui.said.filter((line) => line.startsWith('info'));
  assert.equal(messages.length, 1);
  assert.match(
    messages[0] ?? '',
    /changed in the container, and only there \(on box\).* \[Copy to Local Folder\] \[Show Sync Log\]/,
  );
});

test('a full disk on the host is one clear error, and the old file stays', async () => {
  const disk = path.join(base, 'disk');
  mkdirSync(disk);
  await linuxHost.mount(['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
  try {
    const workspaces = createWorkspaces(disk);
    const { directory } = await workspaces.open('app');
    writeFileSync(path.join(directory, 'a.bin'), 'old');
    writeFileSync(path.join(folder, 'a.bin'), Buffer.alloc(4_000_000, 'x'));
    const { body } = packChanges(folder, [{ path: 'a.bin', kind: 'file', base: 'absent', size: 4_000_000 }]);
    await assert.rejects(workspaces.push('app', body, undefined, never), (error: EngineError) => {
      return error.code === 'unavailable' && /No space left on the host/.test(error.message);
    });
    assert.equal(readFileSync(path.join(directory, 'a.bin'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(path.join(disk, 'workspaces/.staging')), []);
  } finally {
    await linuxHost.unmount(disk);
  }
});
