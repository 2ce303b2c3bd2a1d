import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { TreeNode } from '../explorer/node.ts';
import { activeHost } from '../hosts/active-host.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { type HostList, hostList } from '../hosts/host-list.ts';
import { hostId, hostLabel, type SavedHost } from '../hosts/saved-host.ts';
import { portTunnels } from '../tunnel/port-tunnels.ts';
import { type FakeUi, fakeUi } from '../views/fake-ui.ts';
import type { CommandDeps } from './deps.ts';
import { hostCommands } from './hosts.ts';

function world(saved: readonly SavedHost[] = [{ kind: 'local' }], failures: EngineError[] = []) {
  let chosen: string | undefined;
  let cut: (reason: string) => void = () => assert.fail('nothing is connected');
  const hosts = hostList({
    connect: async (host) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return {
        id: hostId(host),
        label: hostLabel(host),
        kind: host.kind,
        onLost: (listener: (reason: string) => void) => (cut = listener),
        [Symbol.asyncDispose]: async () => undefined,
      } as unknown as EngineConnection;
    },
    saved,
    save: async () => undefined,
    log: () => undefined,
    onLost: () => undefined,
  });
  const active = activeHost(hosts, { get: () => chosen, set: async (id) => void (chosen = id) });
  const run = async (id: string, ui: FakeUi, target?: unknown): Promise<void> => {
    const deps: CommandDeps = {
      ui,
      hosts,
      active,
      snapshot: () => undefined,
      refresh: async () => undefined,
      sshHosts: () => ['build', 'work'],
      dockerHost: async () => ({ url: 'unix:///x', [Symbol.asyncDispose]: async () => undefined }),
      ports: portTunnels(
        () => undefined,
        () => undefined,
      ),
      files: { of: () => assert.fail(), show: async () => undefined, refresh: () => undefined },
      folders: () => [],
      findCompose: async () => undefined,
      turnRuleOff: () => assert.fail(),
      engineHome: '~/.slipway',
    };
    await hostCommands.find((command) => command.id === id)?.handler(deps, target);
  };
  return { hosts, active, run, cut: (reason: string) => cut(reason) };
}

const node = (id: string): TreeNode => ({
  key: id,
  kind: 'host',
  hostId: id,
  id: '',
  label: id,
  icon: '',
  context: '',
});
const states = (hosts: HostList): string[] => hosts.all().map(({ id, state }) => `${id} ${state.kind}`);

test('adding an SSH host offers the SSH configuration only', async () => {
  const { hosts, run } = world([]);
  const ui = fakeUi('build');
  await run('slipway.addSshHost', ui);
  assert.match(ui.shown[0] ?? '', /^pick: Add SSH Host: build, work, Another SSH host…$/);
  await run('slipway.addSshHost', fakeUi('Another', 'root@far:2222'));
  await run('slipway.addSshHost', fakeUi(undefined));
  assert.deepEqual(states(hosts), ['ssh:build connected', 'ssh:root@far:2222 connected']);
});

test('adding offers what is not there yet: this machine, the SSH configuration, something typed, a socket', async () => {
  const { hosts, run } = world([{ kind: 'ssh', name: 'work' }]);
  const ui = fakeUi('build');
  await run('slipway.addHost', ui);
  assert.match(
    ui.shown[0] ?? '',
    /^pick: Add Host: This machine, build, Another SSH host…, A Docker or Podman socket…$/,
  );
  assert.deepEqual(states(hosts), ['ssh:work disconnected', 'ssh:build connected']);
  await run('slipway.addHost', fakeUi('Another', ' root@far:2222 '));
  await run('slipway.addHost', fakeUi('socket', '/run/docker.sock'));
  assert.deepEqual(states(hosts).slice(2), ['ssh:root@far:2222 connected', 'socket:/run/docker.sock connected']);
  await run('slipway.addHost', fakeUi(undefined));
  await run('slipway.addHost', fakeUi('Another', undefined));
  assert.equal(hosts.all().length, 4);
});

test('what is typed is checked while it is typed', async () => {
  const { run } = world();
  await assert.rejects(run('slipway.addHost', fakeUi('Another', 'two words')), /Write host, user@host/);
  await assert.rejects(run('slipway.addHost', fakeUi('socket', 'docker.sock')), /whole path/);
});

test('a failed connection is one message, and stays in the list; a cancelled one is none', async () => {
  const { hosts, run } = world(
    [],
    [new EngineError('unavailable', 'Cannot reach it.'), new EngineError('cancelled', 'x')],
  );
  const ui = fakeUi('build');
  await run('slipway.addHost', ui);
  assert.deepEqual(ui.shown.slice(1), ['error: Cannot reach it.']);
  assert.deepEqual(states(hosts), ['ssh:build failed']);
  await run('slipway.explainHost', ui, node('ssh:build'));
  assert.equal(ui.shown.at(-1), 'error: Cannot reach it.');
  const silent = fakeUi();
  await run('slipway.connectHost', silent, node('ssh:build'));
  assert.deepEqual(silent.shown, []);
  assert.deepEqual(states(hosts), ['ssh:build disconnected']);
});

test('connect and disconnect: the clicked row, a name, or one picked', async () => {
  const { hosts, run } = world();
  await run('slipway.connectHost', fakeUi(), 'local');
  assert.deepEqual(states(hosts), ['local connected']);
  await run('slipway.disconnectHost', fakeUi(), node('local'));
  await run('slipway.connectHost', fakeUi('This machine'));
  assert.deepEqual(states(hosts), ['local connected']);
  await assert.rejects(run('slipway.connectHost', fakeUi()), { message: /every host is connected/ });
  await hosts.disconnect('local');
  await assert.rejects(run('slipway.disconnectHost', fakeUi()), { message: /no host is connected/ });
});

test('a lost host: why, and one try at once on demand', async () => {
  const { hosts, run, cut } = world([{ kind: 'local' }, { kind: 'ssh', name: 'build' }]);
  await hosts.connect('ssh:build');
  cut('The cable was cut.');
  const ui = fakeUi();
  await run('slipway.explainHost', ui, node('ssh:build'));
  assert.deepEqual(ui.shown, ['warn: The cable was cut.']);
  await run('slipway.reconnect', ui);
  assert.deepEqual(states(hosts), ['local disconnected', 'ssh:build connected']);
  await run('slipway.explainHost', ui, { ...node('ssh:build'), label: 'What it has could not be read.' });
  assert.equal(ui.shown.at(-1), 'error: What it has could not be read.');
});

test('removing asks first', async () => {
  const { hosts, run } = world();
  await run('slipway.removeHost', fakeUi(false), node('local'));
  assert.equal(hosts.all().length, 1);
  await run('slipway.removeHost', fakeUi(true), node('local'));
  assert.equal(hosts.all().length, 0);
});

test('the active host: the first that is connected, or the chosen one; terminals use it', async () => {
  const { hosts, active, run } = world([{ kind: 'local' }, { kind: 'ssh', name: 'build' }]);
  let changes = 0;
  active.onChange(() => changes++);
  assert.equal(active.connection(), undefined);
  await hosts.connect('local');
  await hosts.connect('ssh:build');
  assert.equal(active.connection()?.id, 'local');
  await run('slipway.useHost', fakeUi('build'));
  assert.equal(active.connection()?.id, 'ssh:build');
  assert.equal(changes, 2);
  await hosts.disconnect('ssh:build');
  assert.equal(active.connection()?.id, 'local');
  const ui = fakeUi();
  await run('slipway.openTerminal', ui, node('local'));
  assert.deepEqual(ui.shown, ['shell: This machine DOCKER_HOST']);
});

test('a command that needs a host says so when there is none', async () => {
  const { run } = world();
  await assert.rejects(run('slipway.openTerminal', fakeUi()), { code: 'unavailable', message: /No host is connected/ });
  await assert.rejects(run('slipway.checkHost', fakeUi(), node('local')), {
    message: 'This machine is not connected.',
  });
});
