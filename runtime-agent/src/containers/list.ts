/** `GET /containers/json` */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerSummary, NetworkSettings } from '#model/engine-api/types.ts';
import type { Container } from './container.ts';
import type { ContainerContext } from './context.ts';
import { shownNetwork } from './inspect.ts';
import { compileFilters, type Filters } from './list-filters.ts';
import { linkNames } from './links.ts';
import { mountPoints } from './mount-points.ts';
import type { ContainerRecord } from './record.ts';
import { containerSizes } from './sizes.ts';
import { commandLine } from './spec/process.ts';
import { shownPorts } from './shown-ports.ts';
import { statusText } from './status-text.ts';

export interface ListOptions {
  /** Stopped ones too. */
  readonly all: boolean;
  /** The newest so many, stopped ones too. */
  readonly limit?: number | undefined;
  readonly size: boolean;
  readonly filters: Filters;
}

/** As a shell would take it, shortened to what `docker ps` shows. */
function shownCommand(words: readonly string[]): string {
  return words.map((word) => (/[\s'"]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word)).join(' ');
}

/** Answers an image's name, or its id when the name means another image now; each name is looked up once. */
function imageNames({ images }: ContainerContext): (record: ContainerRecord) => string {
  const ids = new Map<string, string | undefined>();
  return ({ config, image }) => {
    const name = config.Image ?? '';
    if (!ids.has(name)) ids.set(name, images.find(name)?.id);
    return ids.get(name) === image ? name : image;
  };
}

/** What a record alone says of its container. */
type Lasting = Omit<ContainerSummary, 'Image' | 'Names' | 'Status'>;

function lastingSummary(container: Container): Lasting {
  const { record } = container;
  const annotations = record.hostConfig.Annotations ?? {};
  const endpoints = Object.fromEntries(
    Object.entries(shownNetwork(container).Networks ?? {}).map(([name, endpoint]) => [
      name,
      // As Docker: what only matters to the container itself is left to inspect.
      { ...endpoint, Links: null, Aliases: null, DNSNames: null, DriverOpts: null },
    ]),
  ) as unknown as NonNullable<NetworkSettings['Networks']>;
  return {
    Id: record.id,
    ImageID: record.image,
    Command: shownCommand(commandLine(record.config)),
    Created: Math.floor(Date.parse(record.created) / 1000),
    Ports: shownPorts(container),
    Labels: record.config.Labels ?? {},
    State: record.state.status,
    HostConfig: {
      NetworkMode: record.hostConfig.NetworkMode ?? 'bridge',
      ...(Object.keys(annotations).length === 0 ? {} : { Annotations: annotations }),
    },
    NetworkSettings: { Networks: endpoints },
    Mounts: mountPoints(record),
  };
}

/** Records are replaced, never changed, and lists are asked for again and again while little happens. */
function rememberLasting(): (container: Container) => Lasting {
  const known = new WeakMap<ContainerRecord, Lasting>();
  return (container) => {
    const made = known.get(container.record) ?? lastingSummary(container);
    known.set(container.record, made);
    return made;
  };
}

export function containerList(context: ContainerContext): (options: ListOptions) => Promise<ContainerSummary[]> {
  const lasting = rememberLasting();
  return (options) => listContainers(context, options, lasting);
}

async function listContainers(
  context: ContainerContext,
  options: ListOptions,
  lasting: (container: Container) => Lasting,
): Promise<ContainerSummary[]> {
  if (options.limit !== undefined && Number.isNaN(options.limit))
    throw new EngineError('invalid', 'limit is not a number');
  const matches = compileFilters(context, options.filters);
  const all = options.all || (options.limit ?? 0) > 0 || options.filters.has('status');
  const now = Date.now();
  const chosen = [...context.store.all()]
    .reverse()
    .filter(
      (container) =>
        (all || ['running', 'paused', 'restarting'].includes(container.record.state.status)) && matches(container),
    );
  const shown = options.limit !== undefined && options.limit > 0 ? chosen.slice(0, options.limit) : chosen;
  const imageName = imageNames(context);
  const aliases = linkNames(context.store.all());
  const summaries = shown.map((container) => ({
    ...lasting(container),
    Names: [`/${container.record.name}`, ...(aliases.get(container.id) ?? [])].sort(),
    Image: imageName(container.record),
    Status: statusText(container, now),
  }));
  if (!options.size) return summaries;
  return await Promise.all(
    summaries.map(async (entry, i) => {
      const container = shown[i];
      if (container === undefined) return entry;
      const sizes = await containerSizes(context, container.record);
      // Docker leaves a size of nothing out.
      const SizeRw = sizes.own === 0 ? {} : { SizeRw: sizes.own };
      return { ...entry, ...SizeRw, SizeRootFs: sizes.total };
    }),
  );
}
