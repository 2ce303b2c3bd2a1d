/** Legacy links (`--link`): names in /etc/hosts and, on the default bridge, variables that tell of the other container. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { type Container, isRunning } from './container.ts';
import type { ContainerContext } from './context.ts';
import { HOST_AND_LINKS } from './checks/namespaces.ts';
import { mergeEnvironment } from './spec/process.ts';
import type { ContainerRecord, Link } from './record.ts';

/** `NAME:ALIAS`, `NAME`, or Docker's own `/NAME:/SELF/ALIAS`. */
export function parseLink(text: string): { readonly name: string; readonly alias: string } {
  const [name = '', alias = name] = text.split(':', 2);
  return { name: name.replace(/^\//, ''), alias: alias.slice(alias.lastIndexOf('/') + 1) };
}

/** Networks that the engine or others make for users: they have names of their own, and links are theirs. */
function namesItself(mode: string): boolean {
  return !['', 'default', 'bridge', 'host', 'none'].includes(mode) && !mode.startsWith('container:');
}

function named(context: ContainerContext, name: string): Container {
  try {
    return context.store.find(name);
  } catch (cause) {
    throw new EngineError('invalid', `could not get container for ${name}: ${messageOf(cause)}`, { cause });
  }
}

/** Whose address the linked container has. */
function ownerOfNetwork(context: ContainerContext, name: string): Container {
  let found = named(context, name);
  for (let mode = found.record.hostConfig.NetworkMode ?? ''; mode.startsWith('container:'); ) {
    found = named(context, mode.slice('container:'.length));
    mode = found.record.hostConfig.NetworkMode ?? '';
  }
  return found;
}

/** Legacy links. Throws EngineError('invalid') for a link to nobody, or to a container that has the host's network. */
export function resolveLinks(context: ContainerContext, record: ContainerRecord): Link[] {
  if (namesItself(record.hostConfig.NetworkMode ?? '')) return [];
  return (record.hostConfig.Links ?? []).map((text) => {
    const { name, alias } = parseLink(text);
    if (text === '') throw new EngineError('internal', 'empty string specified for links');
    if (text.split(':').length > 2) throw new EngineError('internal', `bad format for links: ${text}`);
    const { record: target } = ownerOfNetwork(context, name);
    if (target.hostConfig.NetworkMode === 'host') throw new EngineError('invalid', HOST_AND_LINKS);
    return { target: target.id, alias };
  });
}

/** Throws, before the container is started, when one that it is linked to cannot be reached. */
export function checkLinks(context: ContainerContext, record: ContainerRecord): void {
  if (record.hostConfig.NetworkMode !== 'bridge') return;
  for (const { target, alias } of record.links ?? []) {
    const other = context.store.byId(target);
    const name = `/${other?.record.name ?? target}`;
    if (other !== undefined && !('bridge' in other.record.endpoints)) {
      const why = `Cannot link to ${name}, as it does not belong to the default network`;
      throw new EngineError('conflict', `failed to set up container networking: ${why}`);
    }
    if (other === undefined || !isRunning(other)) {
      throw new EngineError('internal', `Cannot link to a non running container: ${name} AS /${record.name}/${alias}`);
    }
  }
}

/** What containers are called by those that link to them, by id: `/PARENT/ALIAS`. */
export function linkNames(containers: readonly Container[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { record } of containers) {
    for (const { target, alias } of record.links ?? []) {
      names.set(target, [...(names.get(target) ?? []), `/${record.name}/${alias}`]);
    }
  }
  return names;
}

/** Takes the link `PARENT/ALIAS` away; the container it leads to stays. */
export function removeLink(context: ContainerContext, reference: string): void {
  const [parent = '', alias] = reference.replace(/^\//, '').split('/', 2);
  if (alias === undefined) {
    throw new EngineError('internal', 'Conflict, cannot remove the default link name of the container');
  }
  const container = context.store.find(parent);
  context.store.save(container, { links: (container.record.links ?? []).filter((link) => link.alias !== alias) });
}

/** /etc/hosts with the line of a link, as Docker finds it, leading to the new address. */
export function movedLink(hosts: string, alias: string, address: string): string {
  const name = alias.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return hosts.replace(new RegExp(`^\\S*(\\t${name}(?:[ \\t].*)?)$`, 'gm'), `${address}$1`);
}

/** A port's own variables, and those of the range that it ends. */
function portVariables(prefix: string, address: string, ports: readonly Port[]): string[] {
  const url = ({ number, protocol }: Port): string => `${protocol}://${address}:${number}`;
  const name = ({ number, protocol }: Port): string => `${prefix}_PORT_${number}_${protocol.toUpperCase()}`;
  let first = 0;
  return ports.flatMap((port, i) => {
    const own = name(port);
    const lines = [
      `${own}=${url(port)}`,
      `${own}_ADDR=${address}`,
      `${own}_PORT=${port.number}`,
      `${own}_PROTO=${port.protocol}`,
    ];
    const next = ports[i + 1];
    if (next?.number === port.number + 1 && next.protocol === port.protocol) return lines;
    const from = ports[first] ?? port;
    first = i + 1;
    if (from === port) return lines;
    const range = [`${name(from)}_START=${url(from)}`, `${name(from)}_PORT_START=${from.number}`];
    return [...lines, ...range, `${name(from)}_END=${url(port)}`, `${name(from)}_PORT_END=${port.number}`];
  });
}

interface Port {
  readonly number: number;
  readonly protocol: string;
}

/** TCP first, then by number. */
function sortedPorts(record: ContainerRecord): Port[] {
  const ports = Object.keys(record.config.ExposedPorts ?? {}).map((text) => {
    const [number = '', protocol = 'tcp'] = text.split('/');
    return { number: Number.parseInt(number, 10), protocol };
  });
  const rank = ({ protocol }: Port): string => (protocol === 'tcp' ? '' : protocol);
  return ports.sort((a, b) => (rank(a) === rank(b) ? a.number - b.number : rank(a) < rank(b) ? -1 : 1));
}

/** `alias:WHAT` variables of one linked container (Docker's legacy links documentation). */
function variables(self: ContainerRecord, other: ContainerRecord, alias: string): string[] {
  const prefix = alias.replaceAll('-', '_').toUpperCase();
  const address = other.network?.Networks?.['bridge']?.IPAddress ?? '';
  const ports = sortedPorts(other);
  const [head] = ports;
  const first = head === undefined ? [] : [`${prefix}_PORT=${head.protocol}://${address}:${head.number}`];
  const own = (other.config.Env ?? []).filter((entry) => entry.includes('=') && !/^(?:HOME|PATH)=/.test(entry));
  return [
    ...first,
    ...portVariables(prefix, address, ports),
    `${prefix}_NAME=/${self.name}/${alias}`,
    ...own.map((entry) => `${prefix}_ENV_${entry}`),
  ];
}

/** What links add to the environment; the container's own values win. */
export function linkEnvironment(context: ContainerContext, record: ContainerRecord): string[] {
  if (record.hostConfig.NetworkMode !== 'bridge') return [];
  const all = (record.links ?? []).flatMap(({ target, alias }) => {
    const other = context.store.byId(target)?.record;
    return other === undefined ? [] : variables(record, other, alias);
  });
  return mergeEnvironment(all);
}
