/** What the commands of hosts, containers, images, volumes and networks work with. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { TreeNode } from '../explorer/node.ts';
import type { EngineSnapshot } from '../explorer/snapshot.ts';
import type { ContainerFiles } from '../files/container-files.ts';
import type { ActiveHost } from '../hosts/active-host.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { HostList } from '../hosts/host-list.ts';
import type { DockerHost } from '../terminal/docker-host.ts';
import type { ComposeProgram } from '../terminal/find-compose.ts';
import type { PortTunnels } from '../tunnel/port-tunnels.ts';
import type { PickItem, Ui } from '../views/ui.ts';

/** The files of containers, and the view that shows those of one. */
export interface FilesPort {
  /** Throws EngineError('unavailable') while no connected host has the container. */
  of(container: string): ContainerFiles;
  show(container: string, name: string): Promise<void>;
  refresh(): void;
}

export interface TurnedOff {
  readonly where: 'folder' | 'workspace' | 'user';
  undo(): Promise<void>;
}

export interface CommandDeps {
  readonly ui: Ui;
  readonly hosts: HostList;
  readonly active: ActiveHost;
  snapshot(hostId: string): EngineSnapshot | undefined;
  /** Reads every list anew. */
  refresh(): Promise<void>;
  /** Names in ~/.ssh/config. */
  sshHosts(): readonly string[];
  /** DOCKER_HOST of the active host; undefined without one. */
  dockerHost(): Promise<DockerHost | undefined>;
  readonly ports: PortTunnels;
  readonly files: FilesPort;
  /** Absolute paths of the open folders of this machine. */
  folders(): readonly string[];
  /** undefined: this machine has none. */
  findCompose(signal: AbortSignal): Promise<ComposeProgram | undefined>;
  /** Sets a rule's severity to `off` in the settings that count for the document. */
  turnRuleOff(uri: string, rule: string): Promise<TurnedOff>;
  /** Slipway's folder on hosts. */
  readonly engineHome: string;
}

/** Commands get whatever was clicked: only our own rows count. */
export function asNode(target: unknown): TreeNode | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  return 'hostId' in target && 'kind' in target && 'key' in target ? (target as TreeNode) : undefined;
}

/** All selected rows of one kind, the clicked one among them. */
export function asNodes(target: unknown, selection: readonly unknown[] | undefined): TreeNode[] {
  const clicked = asNode(target);
  if (clicked === undefined) return [];
  const selected = (selection ?? []).map(asNode).filter((node) => node?.kind === clicked.kind);
  const nodes = selected.filter((node) => node !== undefined);
  return nodes.some((node) => node.key === clicked.key) ? nodes : [clicked];
}

/** The connection of a clicked row, else the only one there is, else the one that is picked. */
export async function pickConnection(
  deps: CommandDeps,
  target: unknown,
  title: string,
): Promise<EngineConnection | undefined> {
  const node = asNode(target);
  if (node !== undefined) return connectionOf(deps, node.hostId);
  const connections = deps.hosts.connections();
  if (connections.length === 0) {
    throw new EngineError('unavailable', 'No host is connected. Connect to one in the Slipway view first.');
  }
  if (connections.length === 1) return connections[0];
  const active = deps.active.connection();
  const items = connections
    .toSorted((a, b) => Number(b === active) - Number(a === active))
    .map((value): PickItem<EngineConnection> => ({ label: value.label, icon: 'server', value }));
  return await deps.ui.pick(title, items, { placeholder: 'On which host?' });
}

/** Of the active host. @param purpose what it is needed for: “build an image” */
export function activeConnection(deps: CommandDeps, purpose: string): EngineConnection {
  const connection = deps.active.connection();
  if (connection !== undefined) return connection;
  throw new EngineError('unavailable', `No host is connected. Connect to one in the Slipway view to ${purpose}.`);
}

export function connectionOf(deps: CommandDeps, hostId: string): EngineConnection {
  const connection = deps.hosts.connection(hostId);
  if (connection !== undefined) return connection;
  const label = deps.hosts.get(hostId)?.label ?? hostId;
  throw new EngineError('unavailable', `${label} is not connected.`);
}
