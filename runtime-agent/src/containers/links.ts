/** Legacy links (`--link`): names in /etc/hosts and, on the default bridge, variables that tell of the other container. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { ContainerContext } from './context.ts';
import { mergeEnvironment } from './spec/process.ts';
import type { ContainerRecord } from './record.ts';

export interface Link {
  /** Full id of the container. */
  readonly target: string;
  readonly alias: string;
}

/** `NAME:ALIAS`, `NAME`, or Docker's own `/NAME:/SELF/ALIAS`. */
export function parseLink(text: string): { readonly name: string; readonly alias: string } {
  const [name = '', alias = name] = text.split(':', 2);
  return { name: name.replace(/^\//, ''), alias: alias.slice(alias.lastIndexOf('/') + 1) };
}

/** Throws EngineError('invalid') for a link to nobody. */
export function resolveLinks(context: ContainerContext, record: ContainerRecord): Link[] {
  return (record.hostConfig.Links ?? []).map((text) => {
    const { name, alias } = parseLink(text);
    if (text.split(':').length > 2) throw new EngineError('invalid', `bad format for links: ${text}`);
    try {
      return { target: context.store.find(name).id, alias };
    } catch (cause) {
      throw new EngineError('invalid', `could not get container for ${name}: ${messageOf(cause)}`, { cause });
    }
  });
}

/** `alias:WHAT` variables of one linked container (Docker's legacy links documentation). */
function variables(self: ContainerRecord, other: ContainerRecord, alias: string): string[] {
  const prefix = alias.replaceAll('-', '_').toUpperCase();
  const address = other.network?.Networks?.['bridge']?.IPAddress ?? '';
  const ports = Object.keys(other.config.ExposedPorts ?? {}).sort(
    (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10),
  );
  const lines = ports.flatMap((port) => {
    const [number = '', protocol = 'tcp'] = port.split('/');
    const name = `${prefix}_PORT_${number}_${protocol.toUpperCase()}`;
    const url = `${protocol}://${address}:${number}`;
    return [`${name}=${url}`, `${name}_ADDR=${address}`, `${name}_PORT=${number}`, `${name}_PROTO=${protocol}`];
  });
  const first = lines[0] === undefined ? [] : [`${prefix}_PORT=${lines[0].slice(lines[0].indexOf('=') + 1)}`];
  const hidden = /^(HOME|PATH|HOSTNAME|TERM)=/;
  const own = (other.config.Env ?? []).filter((entry) => !hidden.test(entry));
  return [...first, ...lines, `${prefix}_NAME=/${self.name}/${alias}`, ...own.map((entry) => `${prefix}_ENV_${entry}`)];
}

/** What links add to the environment; the container's own values win. */
export function linkEnvironment(context: ContainerContext, record: ContainerRecord): string[] {
  if (record.hostConfig.NetworkMode !== 'bridge') return [];
  const all = resolveLinks(context, record).flatMap(({ target, alias }) => {
    const other = context.store.byId(target)?.record;
    return other === undefined ? [] : variables(record, other, alias);
  });
  return mergeEnvironment(all);
}
