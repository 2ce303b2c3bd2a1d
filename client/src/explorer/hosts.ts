/** The *Hosts* tree, and how the other trees are divided by host. Pure. */
import type { TreeNode } from './node.ts';
import type { EngineSnapshot, HostView } from './snapshot.ts';
import { bytes, escapeMarkdown, plural } from './words.ts';

export function hostTree(hosts: readonly HostView[]): TreeNode[] {
  return hosts.map((host) => hostNode(host));
}

/**
 * With one host its things are at the top; with several, below a row for each. A host whose connection is being got back
 * keeps its row, without things. Empty when there is nothing to show: then the view says what to do.
 */
export function perHost(
  hosts: readonly HostView[],
  things: (host: HostView, snapshot: EngineSnapshot) => TreeNode[],
): TreeNode[] {
  const groups = hosts.flatMap((host): Group[] => {
    const { state } = host;
    if (state.kind === 'connected' && state.snapshot !== undefined) {
      return [{ host, children: things(host, state.snapshot) }];
    }
    const lost = lossOf(host);
    return lost === undefined ? [] : [{ host, lost }];
  });
  const known = groups.flatMap(({ children }) => (children === undefined ? [] : [children]));
  if (groups.length === 1 || known.length === 0) return known.flat();
  if (known.length === groups.length && known.flat().length === 0) return [];
  return groups.map(({ host, children, lost = '' }) =>
    children === undefined ? lostNode(host, lost) : groupNode(host, children),
  );
}

interface Group {
  readonly host: HostView;
  /** undefined: the host's connection was lost. */
  readonly children?: TreeNode[];
  readonly lost?: string;
}

/** Why the host's connection was lost, while it is being got back. */
export function lossOf({ state }: HostView): string | undefined {
  if (state.kind === 'lost') return state.reason;
  return state.kind === 'connecting' ? state.lost : undefined;
}

function groupNode(host: HostView, children: readonly TreeNode[]): TreeNode {
  return {
    key: `${host.id}/group`,
    kind: 'host',
    hostId: host.id,
    id: '',
    label: host.label,
    description: children.length === 0 ? 'none' : String(children.length),
    icon: iconFor(host),
    context: 'group',
    children,
    expanded: true,
  };
}

const TRYING = 'connection lost, trying again…';

function lostNode(host: HostView, reason: string): TreeNode {
  return {
    key: `${host.id}/group-lost`,
    kind: 'host',
    hostId: host.id,
    id: '',
    label: host.label,
    description: TRYING,
    tooltip: `${escapeMarkdown(reason)}\n\nSlipway keeps trying. Containers there are not touched by it.`,
    icon: 'debug-disconnect',
    iconColor: 'list.warningForeground',
    context: 'host lost',
    command: { id: 'slipway.explainHost', title: 'Show Message' },
  };
}

function hostNode(host: HostView): TreeNode {
  // A row that comes to have a message below it is another row: VS Code keeps what was closed closed.
  const base = { key: host.id, kind: 'host' as const, hostId: host.id, id: '', label: host.label };
  const marks = host.active ? ' active' : '';
  switch (host.state.kind) {
    case 'disconnected':
      return { ...base, description: 'not connected', icon: iconFor(host), context: `host disconnected ${host.kind}` };
    case 'connecting':
      return {
        ...base,
        description: `${host.state.message.charAt(0).toLowerCase()}${host.state.message.slice(1)}…`,
        icon: 'loading~spin',
        context: `host connecting ${host.kind}`,
      };
    case 'connected': {
      const { snapshot, problem } = host.state;
      const unread = snapshot === undefined && problem !== undefined;
      return {
        ...base,
        ...(unread ? { key: `${host.id}/unread`, children: [message(host, 'failed', problem)], expanded: true } : {}),
        ...connectedParts(host, snapshot),
        icon: iconFor(host),
        iconColor: 'charts.green',
        context: `host connected ${host.kind}${marks}`,
      };
    }
    case 'lost':
      return {
        ...base,
        key: `${host.id}/lost`,
        description: TRYING,
        tooltip: escapeMarkdown(host.state.reason),
        icon: 'debug-disconnect',
        iconColor: 'list.warningForeground',
        context: `host lost ${host.kind}`,
        children: [message(host, 'lost', host.state.reason)],
        expanded: true,
      };
    case 'failed':
      return {
        ...base,
        key: `${host.id}/failed`,
        description: 'not connected',
        tooltip: escapeMarkdown(host.state.message),
        icon: 'error',
        iconColor: 'list.errorForeground',
        context: `host failed ${host.kind}`,
        children: [message(host, 'failed', host.state.message)],
        expanded: true,
      };
  }
}

/** One row with the whole message in its tooltip; a click shows the log. */
function message(host: HostView, state: string, text: string): TreeNode {
  return {
    key: `${host.id}/message`,
    kind: 'message',
    hostId: host.id,
    id: '',
    label: text,
    tooltip: escapeMarkdown(text),
    icon: state === 'failed' ? 'error' : 'warning',
    iconColor: state === 'failed' ? 'list.errorForeground' : 'list.warningForeground',
    context: `message ${state}`,
    command: { id: 'slipway.explainHost', title: 'Show Message' },
  };
}

function connectedParts(
  host: HostView,
  snapshot: EngineSnapshot | undefined,
): Pick<TreeNode, 'description' | 'tooltip'> {
  if (snapshot === undefined) return { description: 'connected' };
  const { info, version } = snapshot;
  const running = snapshot.containers.filter((container) => container.State === 'running').length;
  const engine = engineName(version.Platform?.Name, version.Version);
  const rows = [
    `Engine: ${engine}`,
    `System: ${info.OperatingSystem ?? ''}, ${info.Architecture ?? ''}`,
    `Resources: ${plural(info.NCPU ?? 0, 'CPU')}, ${bytes(info.MemTotal ?? 0)} memory`,
    `Containers: ${snapshot.containers.length}, images: ${snapshot.images.length}`,
    ...(host.active ? ['Terminals and new containers use this host.'] : []),
  ];
  return {
    description:
      [running === 0 ? '' : `${running} running`, host.active ? 'active' : '']
        .filter((part) => part !== '')
        .join(' · ') || engine,
    tooltip: [`**${escapeMarkdown(host.label)}**`, ...rows.map((row) => escapeMarkdown(row))].join('\n\n'),
  };
}

function engineName(platform: string | undefined, version: string | undefined): string {
  // The version that Slipway tells is the one of the API's contract, not its own.
  if (platform === 'Slipway') return platform;
  return `${platform === undefined || platform === '' ? 'Docker' : platform} ${version ?? ''}`.trim();
}

function iconFor(host: HostView): string {
  switch (host.kind) {
    case 'local':
      return 'device-desktop';
    case 'ssh':
      return 'remote';
    case 'socket':
      return 'plug';
  }
}
