/** The *Containers* tree: by host when there are several, by Compose project, the running ones first. Pure. */
import type { ContainerSummary } from '#model/engine-api/types.ts';
import { PROJECT_LABEL, SERVICE_LABEL } from './compose-labels.ts';
import { perHost } from './hosts.ts';
import type { TreeNode } from './node.ts';
import type { EngineSnapshot, HostView } from './snapshot.ts';
import { type Usage, usageText } from './usage.ts';
import { bytes, escapeMarkdown, plural, shortId, span } from './words.ts';

/** @param now ms since 1970 */
export function containerTree(hosts: readonly HostView[], now: number): TreeNode[] {
  return perHost(hosts, (host, snapshot) => ofHost(host.id, snapshot, now));
}

function ofHost(hostId: string, snapshot: EngineSnapshot, now: number): TreeNode[] {
  const projects = Map.groupBy(snapshot.containers, (container) => container.Labels?.[PROJECT_LABEL] ?? '');
  const loose = (projects.get('') ?? []).map((container) => containerNode(hostId, snapshot, container, now));
  projects.delete('');
  const groups = [...projects].map(([name, members]) => projectNode(hostId, snapshot, name, members, now));
  return [...groups.sort(byLabel), ...inOrder(loose)];
}

function projectNode(
  hostId: string,
  snapshot: EngineSnapshot,
  name: string,
  members: readonly ContainerSummary[],
  now: number,
): TreeNode {
  const running = members.filter((container) => container.State === 'running').length;
  return {
    key: `${hostId}/project/${name}`,
    kind: 'project',
    hostId,
    id: name,
    label: name,
    description: running === members.length ? plural(running, 'container') : `${running} of ${members.length} running`,
    icon: 'layers',
    ...(running > 0 ? { iconColor: 'charts.green' } : {}),
    context: `project ${running === 0 ? 'stopped' : running === members.length ? 'running' : 'partly'}`,
    expanded: true,
    children: inOrder(members.map((container) => containerNode(hostId, snapshot, container, now))),
  };
}

function containerNode(hostId: string, snapshot: EngineSnapshot, container: ContainerSummary, now: number): TreeNode {
  const id = container.Id ?? '';
  const name = containerName(container);
  const state = container.State ?? 'created';
  const health = healthOf(container.Status);
  const started = snapshot.startedAt.get(id);
  const uptime = uptimeOf(container, started, now);
  const ports = publishedPorts(container);
  const used = state === 'running' ? snapshot.usage?.get(id) : undefined;
  return {
    key: `${hostId}/container/${id}`,
    kind: 'container',
    hostId,
    id,
    label: container.Labels?.[SERVICE_LABEL] ?? name,
    description: [
      used && usageText(used),
      ports.join(', '),
      container.Image,
      uptime,
      health === 'unhealthy' ? 'unhealthy' : '',
    ]
      .filter((part) => part !== undefined && part !== '')
      .join(' · '),
    tooltip: tooltip(container, ports, health, uptime, used),
    ...iconOf(container, state, health),
    context: ['container', state, health].filter((part) => part !== undefined).join(' '),
  };
}

/**
 * The API's own words (`Up 2 seconds`) are those of the moment when the list was read.
 * @param started of the present run, ms since 1970; undefined: not known
 */
export function uptimeOf(container: ContainerSummary, started: number | undefined, now: number): string {
  const state = container.State ?? 'created';
  return state === 'running' && started !== undefined ? `up ${span(now - started)}` : stopped(container, state);
}

/** Without the slash that the API puts before it. */
export function containerName(container: ContainerSummary): string {
  return container.Names?.[0]?.replace(/^\//, '') ?? shortId(container.Id ?? '');
}

/** The API tells a container's health only in words: `Up 2 minutes (healthy)`. */
function healthOf(status: string | undefined): 'healthy' | 'unhealthy' | 'starting' | undefined {
  if (status === undefined) return undefined;
  if (status.endsWith('(healthy)')) return 'healthy';
  if (status.endsWith('(unhealthy)')) return 'unhealthy';
  return status.endsWith('(health: starting)') ? 'starting' : undefined;
}

function exitCode(container: ContainerSummary): number | undefined {
  const match = /^Exited \((\d+)\)/.exec(container.Status ?? '');
  return match === null ? undefined : Number(match[1]);
}

function stopped(container: ContainerSummary, state: string): string {
  if (state !== 'exited') return state;
  const code = exitCode(container);
  return code === undefined ? 'exited' : `exited (${code})`;
}

/** `8080→80`, each once although IPv4 and IPv6 are listed apart. */
function publishedPorts(container: ContainerSummary): string[] {
  const ports = (container.Ports ?? []).filter((port) => port.PublicPort !== undefined && port.PublicPort !== 0);
  const texts = ports
    .toSorted((a, b) => a.PrivatePort - b.PrivatePort)
    .map(({ PublicPort, PrivatePort, Type }) => {
      const pair = PublicPort === PrivatePort ? `${PrivatePort}` : `${PublicPort}→${PrivatePort}`;
      return Type === 'udp' ? `${pair}/udp` : pair;
    });
  return [...new Set(texts)];
}

function iconOf(
  container: ContainerSummary,
  state: string,
  health: string | undefined,
): Pick<TreeNode, 'icon' | 'iconColor'> {
  switch (state) {
    case 'running':
      if (health === 'unhealthy') return { icon: 'warning', iconColor: 'list.warningForeground' };
      if (health === 'starting') return { icon: 'loading~spin', iconColor: 'charts.green' };
      return { icon: health === 'healthy' ? 'pass-filled' : 'circle-filled', iconColor: 'charts.green' };
    case 'paused':
      return { icon: 'debug-pause', iconColor: 'charts.yellow' };
    case 'restarting':
      return { icon: 'sync~spin', iconColor: 'charts.yellow' };
    case 'dead':
      return { icon: 'error', iconColor: 'list.errorForeground' };
    default:
      return (exitCode(container) ?? 0) === 0
        ? { icon: 'circle-outline', iconColor: 'disabledForeground' }
        : { icon: 'error', iconColor: 'list.errorForeground' };
  }
}

function tooltip(
  container: ContainerSummary,
  ports: readonly string[],
  health: string | undefined,
  uptime: string,
  used: Usage | undefined,
): string {
  const mounts = (container.Mounts ?? []).map(
    (mount) =>
      `${mount.Name ?? mount.Source ?? ''} → ${mount.Destination ?? ''}${mount.RW === false ? ' (read-only)' : ''}`,
  );
  const networks = Object.keys(container.NetworkSettings?.Networks ?? {});
  const rows: readonly (readonly [string, string])[] = [
    ['Image', container.Image ?? ''],
    ['State', health === undefined ? uptime : `${uptime}, ${health}`],
    ['Uses', used === undefined ? '' : `${used.cpuPercent.toFixed(1)} % CPU, ${bytes(used.memory)} memory`],
    ['Command', container.Command ?? ''],
    ['Ports', ports.join(', ')],
    ['Mounts', mounts.join(', ')],
    ['Networks', networks.join(', ')],
    ['Id', shortId(container.Id ?? '')],
  ];
  const lines = rows.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${escapeMarkdown(value)}`);
  return [`**${escapeMarkdown(containerName(container))}**`, ...lines].join('\n\n');
}

const ORDER = ['running', 'restarting', 'paused', 'created', 'exited', 'dead'];

function inOrder(nodes: readonly TreeNode[]): TreeNode[] {
  const rank = (node: TreeNode): number => ORDER.indexOf(node.context.split(' ')[1] ?? '');
  const isUp = (node: TreeNode): number => (rank(node) <= 2 ? 0 : 1);
  return nodes.toSorted((a, b) => isUp(a) - isUp(b) || byLabel(a, b));
}

function byLabel(a: TreeNode, b: TreeNode): number {
  return a.label.localeCompare(b.label, 'en', { numeric: true });
}
