import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineSnapshot, HostView } from '../explorer/snapshot.ts';
import type { Host } from '../hosts/host-list.ts';
import type { HostLack } from '../hosts/deploy/requirements.ts';
import { hostsToConnect, withWanted } from '../hosts/start-up.ts';
import { fakeUi } from './fake-ui.ts';
import { offerInstall, sshPrompts } from './ssh-prompts.ts';
import { type OverallState, overallState, statusText } from './status.ts';

const host = (state: HostView['state']): HostView => ({ id: 'a', label: 'a', kind: 'ssh', active: false, state });
const off = host({ kind: 'disconnected' });
const busy = host({ kind: 'connecting', message: 'x' });
const failed = host({ kind: 'failed', message: 'x' });
const lost = host({ kind: 'lost', reason: 'cut' });
const again = host({ kind: 'connecting', message: 'x', lost: 'cut' });
const unread = host({ kind: 'connected', snapshot: undefined, problem: 'x' });
const on = host({ kind: 'connected', snapshot: {} as EngineSnapshot, problem: 'x' });

test('one host whose things are known is enough to be connected', () => {
  assert.equal(overallState([]), 'none');
  assert.equal(overallState([off, failed]), 'none');
  assert.equal(overallState([failed, busy]), 'connecting');
  assert.equal(
    overallState([host({ kind: 'connected', snapshot: undefined })]),
    'connecting',
    'not “no container yet”',
  );
  assert.equal(overallState([unread, lost]), 'unread');
  assert.equal(overallState([busy, unread, lost, on]), 'connected');
});

test('a connection is lost from its loss until it is back, also while it is tried', () => {
  assert.equal(overallState([off, lost]), 'lost');
  assert.equal(overallState([busy, again]), 'lost');
});

test('the status bar names the active host, else what to do', () => {
  const shown = (state: OverallState, label?: string): string[] => {
    const { text, command } = statusText(state, label);
    return [text, command];
  };
  assert.deepEqual(shown('connected', 'b'), ['$(server) b', 'slipway.useHost']);
  assert.deepEqual(shown('connecting', 'b'), ['$(server) b', 'slipway.useHost'], 'its lists are being read');
  assert.deepEqual(shown('connecting'), ['$(loading~spin) Slipway', 'slipway.hosts.focus']);
  assert.deepEqual(shown('lost'), ['$(debug-disconnect) Slipway', 'slipway.hosts.focus']);
  assert.deepEqual(shown('none'), ['$(server) Slipway', 'slipway.addHost']);
});

test('at the start: what whoever started the editor wants, else what was connected, else a running engine here', () => {
  const local: Host = { id: 'local', label: 'x', saved: { kind: 'local' }, state: { kind: 'disconnected' } };
  const hosts: Host[] = [local, { ...local, id: 'ssh:a', saved: { kind: 'ssh', name: 'a' } }];
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
