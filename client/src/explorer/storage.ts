/** The *Volumes* and *Networks* trees. Pure. */
import type { Network, Volume } from '#model/engine-api/types.ts';
import { perHost } from './hosts.ts';
import type { TreeNode } from './node.ts';
import type { EngineSnapshot, HostView } from './snapshot.ts';
import { escapeMarkdown, shortId } from './words.ts';

export function volumeTree(hosts: readonly HostView[]): TreeNode[] {
  return perHost(hosts, (host, snapshot) =>
    snapshot.volumes.map((volume) => volumeNode(host.id, volume, usersOf(snapshot, volume))).sort(byLabel),
  );
}

export function networkTree(hosts: readonly HostView[]): TreeNode[] {
  return perHost(hosts, (host, snapshot) =>
    snapshot.networks.map((network) => networkNode(host.id, network)).sort(byLabel),
  );
}

function usersOf(snapshot: EngineSnapshot, volume: Volume): string[] {
  return snapshot.containers
    .filter((container) => container.Mounts?.some((mount) => mount.Type === 'volume' && mount.Name === volume.Name))
    .map((container) => container.Names?.[0]?.replace(/^\//, '') ?? shortId(container.Id ?? ''));
}

function volumeNode(hostId: string, volume: Volume, users: readonly string[]): TreeNode {
  const anonymous = /^[0-9a-f]{64}$/.test(volume.Name);
  return {
    key: `${hostId}/volume/${volume.Name}`,
    kind: 'volume',
    hostId,
    id: volume.Name,
    label: anonymous ? shortId(volume.Name) : volume.Name,
    description: [anonymous ? 'anonymous' : '', users.join(', ')].filter((part) => part !== '').join(' · ') || 'unused',
    tooltip: [
      `**${escapeMarkdown(volume.Name)}**`,
      `Driver: ${escapeMarkdown(volume.Driver)}`,
      `On the host: ${escapeMarkdown(volume.Mountpoint)}`,
      users.length === 0 ? 'Not used by a container' : `Used by: ${escapeMarkdown(users.join(', '))}`,
    ].join('\n\n'),
    icon: 'database',
    ...(users.length > 0 ? { iconColor: 'charts.green' } : {}),
    context: `volume ${users.length > 0 ? 'used' : 'unused'}`,
  };
}

const SPECIAL: Readonly<Record<string, string>> = { host: "the host's own network", none: 'no network' };
const BUILT_IN = new Set(['bridge', 'host', 'none']);

function networkNode(hostId: string, network: Network): TreeNode {
  const name = network.Name ?? '';
  const subnets = (network.IPAM?.Config ?? []).map((config) => config.Subnet).filter((subnet) => subnet !== undefined);
  return {
    key: `${hostId}/network/${network.Id ?? name}`,
    kind: 'network',
    hostId,
    id: network.Id ?? name,
    label: name,
    description: SPECIAL[name] ?? [network.Driver ?? '', ...subnets].filter((part) => part !== '').join(' · '),
    tooltip: [
      `**${escapeMarkdown(name)}**`,
      `Driver: ${escapeMarkdown(network.Driver ?? '')}`,
      `Subnets: ${escapeMarkdown(subnets.join(', ') || 'none')}`,
      network.Internal === true || name === 'none' ? 'No way out' : 'Reaches the outside',
    ].join('\n\n'),
    icon: 'type-hierarchy-sub',
    context: `network ${BUILT_IN.has(name) ? 'builtin' : 'own'}`,
  };
}

function byLabel(a: TreeNode, b: TreeNode): number {
  return a.label.localeCompare(b.label, 'en', { numeric: true });
}
