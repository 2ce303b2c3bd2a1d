/** The filters of `docker ps` and `docker container prune`. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Image } from '../images/images.ts';
import type { Container } from './container.ts';
import type { ContainerContext } from './context.ts';
import type { ContainerRecord } from './record.ts';
import { shownPorts } from './shown-ports.ts';

export type Filters = ReadonlyMap<string, readonly string[]>;
export type Matcher = (container: Container) => boolean;

const STATUSES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];

function invalid(name: string, value: string, why = ''): EngineError {
  return new EngineError('invalid', `invalid filter '${name}=${value}'${why}`);
}

/** `KEY` or `KEY=VALUE`, as the label filter has them. */
export function labelMatcher(values: readonly string[]): (labels: Readonly<Record<string, string>>) => boolean {
  const wanted = values.map((value) => {
    const at = value.indexOf('=');
    return at < 0 ? { key: value } : { key: value.slice(0, at), value: value.slice(at + 1) };
  });
  return (labels) =>
    wanted.every(({ key, value }) => labels[key] !== undefined && (value === undefined || labels[key] === value));
}

/** What is no regular expression matches nothing, as in Docker. */
function pattern(value: string): RegExp {
  try {
    return new RegExp(value);
  } catch {
    return /(?!)/;
  }
}

/** A port in the words of Go; undefined where there is none. */
function portProblem(text: string): string | undefined {
  const digits = /^\d+$/.test(text);
  if (digits && Number(text) < 65_536) return undefined;
  return `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${digits ? 'value out of range' : 'invalid syntax'}`;
}

/** `80`, `80-90`, both with a protocol behind a slash. */
function portRange(name: string, value: string): readonly string[] {
  const refuse = (message: string): EngineError => new EngineError('internal', message);
  if (value.includes(':')) throw refuse(`filter for '${name}' should not contain ':': ${value}`);
  const [ports = '', protocol = ''] = value.split('/');
  const [from = '', to = from] = ports.split('-');
  const isEmpty = ports === '' ? 'Empty string specified for ports.' : undefined;
  const isReversed = Number(to) < Number(from) ? `Invalid range specified for the Port: ${ports}` : undefined;
  const problem = isEmpty ?? portProblem(from) ?? portProblem(to) ?? isReversed;
  if (problem !== undefined) throw refuse(`error while looking up for ${name} ${value}: ${problem}`);
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => `${Number(from) + i}/${protocol || 'tcp'}`);
}

const wantedPorts = (name: string, values: readonly string[]): ReadonlySet<string> =>
  new Set(values.flatMap((value) => portRange(name, value)));

/** As in Docker of the ports that a running container has, and one of either is enough. */
function portMatcher(filters: Filters): Matcher {
  const publish = wantedPorts('publish', filters.get('publish') ?? []);
  const expose = wantedPorts('expose', filters.get('expose') ?? []);
  return (container) =>
    shownPorts(container).some(
      ({ PrivatePort, PublicPort = 0, Type }) =>
        publish.has(`${PublicPort}/${Type}`) || expose.has(`${PrivatePort}/${Type}`),
    );
}

/** What cannot be a name is nobody's ancestor, as in Docker. */
function imageNamed(context: ContainerContext, name: string): Image | undefined {
  try {
    return context.images.find(name);
  } catch {
    return undefined;
  }
}

function ancestors(context: ContainerContext, values: readonly string[]): Matcher {
  const images = values.map((value) => imageNamed(context, value)).filter((image) => image !== undefined);
  return ({ record }) =>
    values.includes(record.config.Image ?? '') ||
    images.some((image) => {
      const top = image.chainIds.at(-1);
      if (record.image === image.id) return true;
      return top !== undefined && record.chainIds.includes(top) && continues(context.images.find(record.image), image);
    });
}

/** Whether an image was made from the other one: its history goes on where that one's ends. An image that is gone may have. */
function continues(image: Image | undefined, base: Image): boolean {
  const steps = (of: Image): string[] =>
    (of.config.history ?? []).map(({ created, created_by }) => JSON.stringify([created, created_by]));
  if (image === undefined) return true;
  const made = steps(image);
  return steps(base).every((step, i) => made[i] === step);
}

/** Made before or after the given container. */
function relative(context: ContainerContext, values: readonly string[], newer: boolean): Matcher {
  const order = new Map(context.store.all().map((container, i) => [container.id, i]));
  const bounds = values.map((value) => order.get(context.store.find(value).id) ?? 0);
  return ({ id }) => {
    const at = order.get(id) ?? 0;
    return bounds.every((bound) => (newer ? at > bound : at < bound));
  };
}

function checked(name: string, values: readonly string[], allowed: readonly string[]): readonly string[] {
  const what = name === 'status' ? 'state' : name;
  for (const value of values) {
    if (allowed.includes(value)) continue;
    throw invalid(name, value, `: invalid value for ${what} (${value}): must be one of ${allowed.join(', ')}`);
  }
  return values;
}

/** As in Docker: one of the words, and not its contrary. */
function readTruth(name: string, values: readonly string[]): boolean {
  const isTrue = values.includes('true') || values.includes('1');
  const isFalse = values.includes('false') || values.includes('0');
  if (isTrue === isFalse) throw invalid(name, `[${values.join(' ')}]`);
  return isTrue;
}

function volumesOf(record: ContainerRecord): string[] {
  return record.mounts.flatMap(({ name, source, destination }) => [name ?? source, destination]);
}

function healthOf(container: Container): string {
  return container.health?.status ?? 'none';
}

function exitCodes(values: readonly string[]): Matcher {
  const codes = values.map((value) => {
    if (!/^-?\d+$/.test(value)) {
      throw invalid('exited', value, `: strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`);
    }
    return Number(value);
  });
  return ({ record }) => record.state.status === 'exited' && codes.includes(record.state.exitCode);
}

function matcher(context: ContainerContext, filters: Filters, name: string, values: readonly string[]): Matcher {
  switch (name) {
    case 'id':
      return ({ id }) => values.some((value) => id.startsWith(value) || pattern(value).test(id));
    case 'name': {
      const patterns = values.map((value) => pattern(value));
      return ({ record }) => patterns.some((p) => p.test(record.name) || p.test(`/${record.name}`));
    }
    case 'label': {
      const matches = labelMatcher(values);
      return ({ record }) => matches(record.config.Labels ?? {});
    }
    case 'status':
      checked(name, values, STATUSES);
      return ({ record }) => values.includes(record.state.status);
    case 'exited':
      return exitCodes(values);
    case 'ancestor':
      return ancestors(context, values);
    case 'before':
      return relative(context, values, false);
    case 'since':
      return relative(context, values, true);
    case 'volume':
      return ({ record }) => volumesOf(record).some((volume) => values.includes(volume));
    case 'network':
      return ({ record }) =>
        Object.entries(record.network?.Networks ?? record.endpoints).some(
          ([network, { NetworkID }]) =>
            values.includes(network) || values.some((value) => NetworkID?.startsWith(value)),
        );
    case 'publish':
    case 'expose':
      return portMatcher(filters);
    case 'health':
      checked(name, values, ['none', 'starting', 'healthy', 'unhealthy']);
      return (container) => values.includes(healthOf(container));
    case 'is-task':
      return readTruth(name, values) ? () => false : () => true;
    case 'isolation':
      return () => true;
    default:
      throw new EngineError('invalid', `invalid filter '${name}'`);
  }
}

/** Throws EngineError('invalid') for filters that do not exist, as Docker does. */
export function compileFilters(context: ContainerContext, filters: Filters): Matcher {
  const matchers = [...filters].map(([name, values]) => matcher(context, filters, name, values));
  return (container) => matchers.every((matches) => matches(container));
}
