/** Settings that contradict each other. */
import { type ComposeNode, entriesOf, entryOf, itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const dockerfileAndInline: ComposeRule = {
  id: 'dockerfile-and-inline',
  severity: 'error',
  title: 'A build names a Dockerfile or contains it, not both',
  *check({ services }) {
    for (const { key, value } of services) {
      const build = valueAt(value, 'build');
      const inline = entryOf(build, 'dockerfile_inline');
      if (inline === undefined || entryOf(build, 'dockerfile') === undefined) continue;
      const message = `service "${key}" declares mutually exclusive dockerfile and dockerfile_inline`;
      yield { span: inline.keySpan, message };
    }
  },
};

export const networkModeAndNetworks: ComposeRule = {
  id: 'network-mode-and-networks',
  severity: 'error',
  title: 'A service has a network mode or joins networks, not both',
  *check({ services }) {
    for (const { key, value } of services) {
      const networks = entryOf(value, 'networks');
      if (networks === undefined || entryOf(value, 'network_mode') === undefined) continue;
      if (entriesOf(networks.value).length + itemsOf(networks.value).length === 0) continue;
      const message = `service ${key} declares mutually exclusive \`network_mode\` and \`networks\``;
      yield { span: networks.keySpan, message };
    }
  },
};

const LIMITS: readonly (readonly [key: string, ...path: string[]])[] = [
  ['scale', 'deploy', 'replicas'],
  ['cpus', 'deploy', 'resources', 'limits', 'cpus'],
  ['mem_limit', 'deploy', 'resources', 'limits', 'memory'],
  ['mem_reservation', 'deploy', 'resources', 'reservations', 'memory'],
  ['pids_limit', 'deploy', 'resources', 'limits', 'pids'],
];

export const conflictingLimits: ComposeRule = {
  id: 'conflicting-limits',
  severity: 'error',
  title: 'A limit that is given twice, in the service and below deploy, is the same',
  *check({ services }) {
    for (const { key, value } of services) {
      for (const [name, ...path] of LIMITS) {
        const short = valueAt(value, name);
        if (short === undefined || isSame(short, limitAt(value, path))) continue;
        if (name !== 'scale' && amount(textAt(short) ?? '') === 0) continue; // as if it were not there
        const message = `services.${key}: can't set distinct values on '${name}' and '${path.join('.')}'`;
        yield { span: short.span, message };
      }
    }
  },
};

const UNITS = 'bkmgtp';

/** A group of limits that lacks one has nothing for it, as Compose sees it, which is another limit. Undefined: no group. */
function limitAt(service: ComposeNode, path: readonly string[]): string | undefined {
  const group = valueAt(service, ...path.slice(0, -1));
  const text = textAt(valueAt(service, ...path));
  return text === undefined && group?.kind === 'map' && path.at(-1) !== 'replicas' ? '0' : text;
}

function isSame(short: ComposeNode, long: string | undefined): boolean {
  const text = textAt(short);
  if (text === undefined || long === undefined || (text + long).includes('$')) return true;
  return amount(text) === amount(long);
}

/** `512m`, `512MB` and `536870912` are the same; so are `1` and `1.0`. */
function amount(text: string): number | string {
  const match = /^(-?[\d.]+)\s*([bkmgtp]?)(?:i?b)?$/i.exec(text);
  return match === null ? text : Number(match[1]) * 1024 ** Math.max(0, UNITS.indexOf((match[2] ?? '').toLowerCase()));
}

export const containerNameWithScale: ComposeRule = {
  id: 'container-name-with-scale',
  severity: 'error',
  title: 'A service with a container name has one container',
  *check({ services }) {
    for (const { key, value } of services) {
      const name = entryOf(value, 'container_name');
      const count = Number(textAt(valueAt(value, 'scale') ?? valueAt(value, 'deploy', 'replicas')) ?? 1);
      if (name === undefined || !(count > 1)) continue;
      const message = `services.${key}: can't set container_name and run ${count} containers: names are unique`;
      yield { span: name.keySpan, message };
    }
  },
};

export const countAndDeviceIds: ComposeRule = {
  id: 'count-and-device-ids',
  severity: 'error',
  title: 'Devices are chosen by number or by id, not both',
  *check({ services }) {
    for (const { value } of services) {
      const requests = [
        ...itemsOf(valueAt(value, 'deploy', 'resources', 'reservations', 'devices')),
        ...itemsOf(valueAt(value, 'gpus')),
      ];
      for (const request of requests) {
        const ids = entryOf(request, 'device_ids');
        if (ids === undefined || entryOf(request, 'count') === undefined) continue;
        yield { span: ids.keySpan, message: '"count" and "device_ids" attributes are exclusive' };
      }
    }
  },
};

export const externalVolume: ComposeRule = {
  id: 'external-volume',
  severity: 'error',
  title: 'A volume that exists already is not set up',
  *check({ root }) {
    for (const { key, value } of entriesOf(valueAt(root, 'volumes'))) {
      const external = valueAt(value, 'external');
      if (external === undefined || (external.kind !== 'map' && textAt(external) !== 'true')) continue;
      for (const { key: name, keySpan, merged } of entriesOf(value)) {
        if (merged || name === 'external' || name.startsWith('x-')) continue;
        if (name === 'name' && valueAt(external, 'name') === undefined) continue;
        if (name === 'name') {
          yield { span: keySpan, message: `volumes.${key}: name and external.name conflict; only use name` };
          continue;
        }
        yield { span: keySpan, message: `volumes.${key}: conflicting parameters "external" and "${name}" specified` };
      }
    }
  },
};

/** Secrets and configs: what they are made from. */
function sourceRule(section: 'secrets' | 'configs', sources: readonly string[]): ComposeRule {
  const kind = section.slice(0, -1);
  return {
    id: `${kind}-source`,
    severity: 'error',
    title: `A ${kind} is made from one of ${sources.join(', ')}, or is external`,
    *check({ root }) {
      for (const { key, keySpan, value } of entriesOf(valueAt(root, section))) {
        if (key.startsWith('x-') || (value.kind !== 'map' && textAt(value) !== undefined)) continue;
        const given = sources.flatMap((source) => entryOf(value, source) ?? []);
        const isExternal = !['false', undefined].includes(
          textAt(valueAt(value, 'external')) ?? (valueAt(value, 'external') && 'map'),
        );
        const [, second] = given;
        if (second !== undefined) {
          yield {
            span: second.keySpan,
            message: `${section}.${key}: ${sources.join('|')} attributes are mutually exclusive`,
          };
        } else if (given.length === 0 && !isExternal && valueAt(value, 'driver') === undefined) {
          yield { span: keySpan, message: `${section}.${key}: one of ${sources.join('|')} must be set` };
        }
      }
    },
  };
}

export const secretSource = sourceRule('secrets', ['file', 'environment']);
export const configSource = sourceRule('configs', ['file', 'environment', 'content']);
