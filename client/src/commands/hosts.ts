/** Commands on hosts. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { bytes } from '../explorer/words.ts';
import { probeHost } from '../hosts/deploy/probe.ts';
import { hostLack } from '../hosts/deploy/requirements.ts';
import type { Host, HostState } from '../hosts/host-list.ts';
import { hostId, labelInText, type SavedHost } from '../hosts/saved-host.ts';
import { parseDestination } from '../hosts/ssh/target.ts';
import type { PickItem } from '../views/ui.ts';
import { type Command, rowsOf } from './command.ts';
import { asNode, type CommandDeps, pickConnection } from './deps.ts';

const VIEW = 'slipway.hosts';
const WHERE = { placeholder: 'Where shall containers run?' };
const ANOTHER = { label: 'Another SSH host…', icon: 'add', description: 'user@host:port' };

/** What to add: an entry of the SSH configuration, this machine, or something typed. */
async function askForHost(deps: CommandDeps): Promise<SavedHost | undefined> {
  const known = new Set(deps.hosts.all().map((host) => host.id));
  const offered: PickItem<SavedHost | 'ssh' | 'socket'>[] = [
    { label: 'This machine', icon: 'device-desktop', description: 'run containers here', value: { kind: 'local' } },
    ...deps.sshHosts().map(
      (name): PickItem<SavedHost> => ({
        label: name,
        icon: 'remote',
        description: '~/.ssh/config',
        value: { kind: 'ssh', name },
      }),
    ),
  ];
  const items: PickItem<SavedHost | 'ssh' | 'socket'>[] = [
    ...offered.filter(({ value }) => typeof value === 'string' || !known.has(hostId(value))),
    { ...ANOTHER, value: 'ssh' },
    {
      label: 'A Docker or Podman socket…',
      icon: 'plug',
      description: 'an engine that runs on this machine',
      value: 'socket',
    },
  ];
  const picked = await deps.ui.pick('Add Host', items, WHERE);
  if (picked === 'ssh') return await askForDestination(deps);
  if (picked === 'socket') return await askForSocket(deps);
  return picked;
}

async function askForDestination(deps: CommandDeps): Promise<SavedHost | undefined> {
  const name = await deps.ui.ask({
    title: 'Add SSH Host',
    prompt: 'A name from your SSH configuration, or user@host:port',
    placeholder: 'root@build.example.com',
    validate: (text) => (parseDestination(text) === undefined ? 'Write host, user@host or user@host:port.' : undefined),
  });
  return name === undefined ? undefined : { kind: 'ssh', name: name.trim() };
}

async function askForSocket(deps: CommandDeps): Promise<SavedHost | undefined> {
  const path = await deps.ui.ask({
    title: 'Add Docker or Podman Socket',
    prompt: 'Path of the socket',
    value: '/var/run/docker.sock',
    validate: (text) => (text.startsWith('/') ? undefined : 'Write the whole path, starting with /.'),
  });
  return path === undefined ? undefined : { kind: 'socket', path };
}

/** One question when the SSH configuration names no host. */
async function askForSshHost(deps: CommandDeps): Promise<SavedHost | undefined> {
  const names = deps.sshHosts();
  if (names.length === 0) return await askForDestination(deps);
  const items: PickItem<string>[] = [
    ...names.map((value) => ({ label: value, icon: 'remote', value })),
    { ...ANOTHER, value: '' },
  ];
  const picked = await deps.ui.pick('Add SSH Host', items, WHERE);
  if (picked === '') return await askForDestination(deps);
  return picked === undefined ? undefined : { kind: 'ssh', name: picked };
}

async function addAndConnect(deps: CommandDeps, host: SavedHost | undefined): Promise<void> {
  if (host === undefined) return;
  await deps.hosts.add(host);
  await connect(deps, hostId(host));
}

async function addHost(deps: CommandDeps, target: unknown): Promise<void> {
  const given = typeof target === 'string' && target !== '' ? ({ kind: 'ssh', name: target } as const) : undefined;
  await addAndConnect(deps, given ?? (await askForHost(deps)));
}

async function connect(deps: CommandDeps, id: string): Promise<void> {
  const label = deps.hosts.get(id)?.label ?? id;
  try {
    await deps.ui.progress(`Connecting to ${labelInText(label)}`, async (report, signal) => {
      await deps.hosts.connect(id, { report, signal });
    });
  } catch (error) {
    if (error instanceof EngineError && error.code === 'cancelled') return;
    deps.ui.error(messageOf(error), { label: 'Try Again', run: () => connect(deps, id) });
  }
}

/** The clicked or named host, else one picked among those in the given states. */
async function pickHost(
  deps: CommandDeps,
  target: unknown,
  title: string,
  states: readonly HostState['kind'][],
): Promise<string | undefined> {
  const node = asNode(target);
  if (node !== undefined) return node.hostId;
  if (typeof target === 'string' && deps.hosts.get(target) !== undefined) return target;
  const hosts = deps.hosts.all().filter((host) => states.includes(host.state.kind));
  if (hosts.length === 0) {
    const some = states.includes('connected') ? 'no host is connected' : 'every host is connected, or just being';
    const why = deps.hosts.all().length === 0 ? 'there is no host' : some;
    throw new EngineError('not-found', `${title}: ${why}.`);
  }
  return await deps.ui.pick(
    title,
    hosts.map((host) => ({ label: host.label, icon: 'server', value: host.id })),
  );
}

async function checkHost(deps: CommandDeps, target: unknown): Promise<void> {
  const connection = await pickConnection(deps, target, 'Check Host');
  if (connection === undefined) return;
  const text = await deps.ui.progress(`Checking ${labelInText(connection.label)}`, async (_report, signal) => {
    const info = await connection.call<{ readonly NCPU?: number; readonly MemTotal?: number }>('GET', '/info', {
      signal,
    });
    if (connection.kind === 'socket') return `${connection.label}\n\nThe engine answers. Slipway did not set it up.\n`;
    const nodes = connection.kind === 'local' ? [process.execPath] : [];
    const facts = await probeHost(connection, deps.engineHome, '-', { signal, nodes });
    const lack = hostLack(facts);
    return [
      connection.label,
      '',
      `System:    ${facts.distribution} (${facts.arch})`,
      `Resources: ${info.NCPU ?? '?'} CPUs, ${bytes(info.MemTotal ?? 0)} memory`,
      `User:      ${facts.isRoot ? 'root' : facts.sudo ? 'may become root with sudo' : 'not root'}`,
      `Node.js:   ${facts.node ?? 'missing'}`,
      `Engine:    answers${facts.running === undefined ? '' : `, process ${facts.running.pid}`}`,
      `Log:       ${facts.home}/engine/log`,
      '',
      ...(lack === undefined ? ['Nothing is missing.'] : lack.lines),
      ...(lack?.install === undefined ? [] : ['', 'Install it there with:', `  ${lack.install}`]),
      '',
    ].join('\n');
  });
  await deps.ui.openText(`${connection.label.replaceAll('/', '_')}.txt`, 'plaintext', text);
}

const onRow = rowsOf(VIEW);

export const hostCommands: readonly Command<CommandDeps>[] = [
  {
    id: 'slipway.addHost',
    title: 'Add Host…',
    icon: 'add',
    places: [{ menu: 'view/title', view: VIEW, group: 'navigation@1' }],
    handler: addHost,
  },
  {
    id: 'slipway.addSshHost',
    title: 'Add SSH Host…',
    icon: 'remote-explorer',
    handler: async (deps) => await addAndConnect(deps, await askForSshHost(deps)),
  },
  {
    id: 'slipway.connectHost',
    title: 'Connect',
    icon: 'debug-connected',
    places: [
      onRow('^host (disconnected|failed|lost)', 'inline@1'),
      onRow('^host (disconnected|failed|lost)', '3_state@1'),
    ],
    async handler(deps, target) {
      const id = await pickHost(deps, target, 'Connect', ['disconnected', 'failed', 'lost']);
      if (id !== undefined) await connect(deps, id);
    },
  },
  {
    id: 'slipway.reconnect',
    title: 'Reconnect Now',
    icon: 'debug-connected',
    palette: 'slipway.state == lost',
    async handler(deps) {
      const isLost = ({ state }: Host): boolean =>
        state.kind === 'lost' || (state.kind === 'connecting' && state.lost !== undefined);
      const lost = deps.hosts.all().filter(isLost);
      await Promise.all(lost.map(({ id }) => connect(deps, id)));
    },
  },
  {
    id: 'slipway.disconnectHost',
    title: 'Disconnect',
    icon: 'debug-disconnect',
    places: [onRow('^host (connected|lost)', '3_state@3'), onRow('^host lost', 'inline@2')],
    async handler(deps, target) {
      const id = await pickHost(deps, target, 'Disconnect', ['connected', 'lost']);
      if (id !== undefined) await deps.hosts.disconnect(id);
    },
  },
  {
    id: 'slipway.cancelConnecting',
    title: 'Cancel',
    icon: 'close',
    palette: 'never',
    places: [onRow('^host connecting', 'inline@1')],
    async handler(deps, target) {
      const node = asNode(target);
      if (node !== undefined) await deps.hosts.disconnect(node.hostId);
    },
  },
  {
    id: 'slipway.removeHost',
    title: 'Remove Host…',
    icon: 'trash',
    places: [onRow('^host', '9_remove@1')],
    async handler(deps, target) {
      const id = await pickHost(deps, target, 'Remove Host', [
        'disconnected',
        'failed',
        'lost',
        'connected',
        'connecting',
      ]);
      if (id === undefined) return;
      const label = deps.hosts.get(id)?.label ?? id;
      const detail = 'Its containers and its engine stay as they are; Slipway only forgets the way there.';
      if (await deps.ui.confirm(`Remove ${labelInText(label)}?`, detail, 'Remove')) await deps.hosts.remove(id);
    },
  },
  {
    id: 'slipway.useHost',
    title: 'Use for Terminals and New Containers',
    icon: 'pinned',
    palette: 'slipway.connected',
    places: [onRow(String.raw`^host connected (?!.*\bactive\b)`, '3_state@2')],
    async handler(deps, target) {
      const id = await pickHost(deps, target, 'Use Host', ['connected']);
      if (id !== undefined) await deps.active.choose(id);
    },
  },
  {
    id: 'slipway.explainHost',
    title: 'Show Message',
    palette: 'never',
    handler(deps, target) {
      const node = asNode(target);
      const host = node === undefined ? undefined : deps.hosts.get(node.hostId);
      const again = { label: 'Try Again', run: () => connect(deps, host?.id ?? '') };
      switch (host?.state.kind) {
        case 'failed':
          return deps.ui.error(host.state.error.message, again);
        case 'lost':
          return deps.ui.warn(host.state.reason, { ...again, label: 'Try Now' });
        case 'connecting':
          return host.state.lost === undefined ? undefined : deps.ui.warn(host.state.lost);
        case 'connected': // and its lists could not be read
          return deps.ui.error(node?.label ?? '', { label: 'Try Again', run: () => deps.refresh() });
        case 'disconnected':
        case undefined:
          return undefined;
      }
    },
  },
  {
    id: 'slipway.checkHost',
    title: 'Check Host',
    icon: 'pulse',
    palette: 'slipway.connected',
    places: [onRow('^host connected', '2_look@2')],
    handler: checkHost,
  },
  {
    id: 'slipway.refresh',
    title: 'Refresh',
    icon: 'refresh',
    palette: 'slipway.connected',
    places: [{ menu: 'view/title', view: VIEW, group: 'navigation@9', when: 'slipway.connected' }],
    handler: (deps) => deps.refresh(),
  },
  {
    id: 'slipway.openTerminal',
    title: 'Open Terminal',
    icon: 'terminal',
    palette: 'slipway.connected',
    places: [onRow('^host connected', 'inline@1'), onRow('^host connected', '2_look@1')],
    async handler(deps, target) {
      const connection = await pickConnection(deps, target, 'Open Terminal');
      if (connection === undefined) return;
      await deps.active.choose(connection.id);
      const host = await deps.dockerHost();
      if (host !== undefined) deps.ui.openShell(connection.label, { DOCKER_HOST: host.url });
    },
  },
  {
    id: 'slipway.getStarted',
    title: 'Get Started',
    icon: 'book',
    places: [{ menu: 'view/title', view: VIEW, group: '9_help@1' }],
    handler: (deps) => deps.ui.openWalkthrough('start'),
  },
  {
    id: 'slipway.showLog',
    title: 'Show Log',
    icon: 'output',
    places: [{ menu: 'view/title', view: VIEW, group: '9_log' }],
    handler: (deps) => deps.ui.showLog(),
  },
];
