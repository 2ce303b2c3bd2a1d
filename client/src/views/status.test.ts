import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { Host, HostState } from '../hosts/host-list.ts';
import type { HostLack } from '../hosts/deploy/requirements.ts';
import { hostsToConnect, withWanted } from '../hosts/start-up.ts';
import { fakeUi } from './fake-ui.ts';
import { offerInstall, sshPrompts } from './ssh-prompts.ts';
import { overallState, statusText } from './status.ts';

const host = (id: string, state: HostState): Host => ({ id, label: id, saved: { kind: 'ssh', name: id }, state });
const off = host('a', { kind: 'disconnected' });
const on = host('b', { kind: 'connected', connection: {} as EngineConnection });
const busy = host('c', { kind: 'connecting', message: 'x' });
const failed = host('d', { kind: 'failed', error: new EngineError('unavailable', 'x') });

test('one connected host is enough to be connected', () => {
  assert.equal(overallState([]), 'none');
  assert.equal(overallState([off, failed]), 'none');
  assert.equal(overallState([failed, busy]), 'connecting');
  assert.equal(overallState([busy, on]), 'connected');
});

test('the status bar names the active host, else what to do', () => {
  assert.deepEqual([statusText([on], 'b').text, statusText([on], 'b').command], ['$(server) b', 'slipway.useHost']);
  assert.match(statusText([busy], undefined).text, /loading/);
  assert.equal(statusText([off], undefined).command, 'slipway.addHost');
});

test('at the start: what whoever started the editor wants, else what was connected, else a running engine here', () => {
  const local: Host = { id: 'local', label: 'x', saved: { kind: 'local' }, state: { kind: 'disconnected' } };
  const hosts = [local, { ...off, id: 'ssh:a' }];
  const none = { wanted: undefined, remembered: [], localSocketExists: false };
  assert.deepEqual(hostsToConnect(hosts, none), []);
  assert.deepEqual(hostsToConnect(hosts, { ...none, localSocketExists: true }), ['local']);
  assert.deepEqual(hostsToConnect(hosts, { ...none, remembered: ['ssh:a', 'ssh:gone'] }), ['ssh:a']);
  const wanted = { kind: 'ssh', name: 'a' } as const;
  assert.deepEqual(hostsToConnect(hosts, { wanted, remembered: ['local'], localSocketExists: true }), ['ssh:a']);
  assert.deepEqual(withWanted([{ kind: 'local' }], wanted), [{ kind: 'local' }, wanted]);
  assert.deepEqual(withWanted([wanted], wanted), [wanted]);
});

test('secrets are asked once for a session, and again when they were wrong', async () => {
  const ui = fakeUi('one', 'two', 'pass');
  const prompts = sshPrompts(ui, new Map());
  assert.equal(await prompts.passphrase('/k', 1), 'one');
  assert.equal(await prompts.passphrase('/k', 1), 'one');
  assert.equal(await prompts.passphrase('/k', 2), 'two');
  assert.equal(await prompts.passphrase('/k', 1), 'two');
  assert.equal(await prompts.password('me@box', 1), 'pass');
  assert.equal(await prompts.answer('me@box', '', 'Code:', false), undefined);
  assert.deepEqual(ui.shown, [
    'ask: Passphrase for k',
    'ask: Passphrase for k',
    'ask: Password for me@box',
    'ask: me@box asks',
  ]);
});

test('an unknown host goes by the name that the person uses', async () => {
  const ui = fakeUi(true);
  const key = {
    name: 'build',
    host: '[10.0.0.7]:2222',
    keyType: 'ssh-ed25519',
    fingerprint: 'SHA256:x',
    otherTypes: [],
  };
  assert.equal(await sshPrompts(ui, new Map()).trustHostKey(key), true);
  assert.deepEqual(ui.shown, ['confirm: You have not connected to build ([10.0.0.7]:2222) before.']);
});

test('installing is offered with the command', async () => {
  const lack: HostLack = { lines: ['runc is missing: it runs containers.'], install: 'apt-get install -y runc' };
  const ui = fakeUi(true);
  assert.equal(await offerInstall(ui)('build', lack, { distribution: 'Debian 13' } as never), true);
  assert.deepEqual(ui.shown, ['confirm: build cannot run containers yet.']);
});
