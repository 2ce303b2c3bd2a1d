/** Keeps a snapshot of an engine true by its event stream. Nothing is polled: an event says which lists to read anew. */
import { messageOf } from '#model/engine-api/errors.ts';
import type {
  ContainerInspectResponse,
  ContainerSummary,
  EventMessage,
  ImageSummary,
  Network,
  SystemInfo,
  SystemVersion,
  Volume,
} from '#model/engine-api/types.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { jsonLines } from '../hosts/json-lines.ts';
import type { EngineSnapshot } from './snapshot.ts';

type Part = 'containers' | 'images' | 'volumes' | 'networks';

export interface LiveSnapshot extends AsyncDisposable {
  /** undefined until the first look is done. */
  current(): EngineSnapshot | undefined;
  /** Why the last look failed; undefined when it did not. */
  problem(): string | undefined;
  /** Reads everything anew. */
  refresh(): Promise<void>;
}

/** Events that come together (a Compose project starting) are answered by one refresh. */
const COALESCE_MS = 40;
const REOPEN_MS = 500;
const ALL: readonly Part[] = ['containers', 'images', 'volumes', 'networks'];

/** @param onError told when a list could not be read; the last snapshot stays */
export function liveSnapshot(
  connection: EngineConnection,
  onChange: () => void,
  onError: (error: unknown) => void,
): LiveSnapshot {
  const closing = new AbortController();
  const dirty = new Set<Part>();
  const restarted = new Set<string>();
  let snapshot: EngineSnapshot | undefined;
  let problem: string | undefined;
  let reading: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, COALESCE_MS));
    while (dirty.size > 0 && !closing.signal.aborted) {
      const parts = new Set(dirty);
      const changed = new Set(restarted);
      dirty.clear();
      restarted.clear();
      snapshot = await readSnapshot(connection, snapshot, parts, changed, closing.signal);
      problem = undefined;
      onChange();
    }
  };
  const mark = async (parts: readonly Part[]): Promise<void> => {
    for (const part of parts) dirty.add(part);
    reading ??= read()
      .catch((error: unknown) => {
        if (closing.signal.aborted) return;
        problem = messageOf(error);
        onError(error);
        onChange();
      })
      .finally(() => {
        reading = undefined;
      });
    await reading;
  };
  const follow = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        const stream = await connection.stream('GET', '/events', { signal: closing.signal });
        void mark(ALL); // only now: what happens from here on is told by an event
        for await (const event of jsonLines<EventMessage>(stream)) {
          if (event.Type === 'container' && RESTARTS.has(event.Action ?? '')) restarted.add(event.Actor?.ID ?? '');
          const parts = partsOf(event);
          if (parts.length > 0) void mark(parts);
        }
      } catch {
        // The connection itself tells of its loss; here it is only tried again.
      }
      if (!closing.signal.aborted) await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
    }
  };
  void follow();
  return {
    current: () => snapshot,
    problem: () => problem,
    refresh: () => mark(ALL),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await reading;
    },
  };
}

const RESTARTS = new Set(['start', 'restart', 'unpause']);
/** What only passes through a container, many times a minute with health checks, changes no row. */
const PASSING = /^(exec_|attach|detach|resize|top|copy|export|archive-path|extract-to-dir)/;

/** Which lists an event makes stale. */
export function partsOf({ Type, Action = '' }: EventMessage): readonly Part[] {
  switch (Type) {
    case 'container':
      if (PASSING.test(Action)) return [];
      return Action === 'commit' ? ['images'] : ['containers'];
    case 'image':
      return ['images'];
    case 'volume':
      return ['volumes'];
    case 'network':
      return Action === 'create' || Action === 'destroy' || Action === 'prune' ? ['networks'] : ['containers'];
    default:
      return [];
  }
}

async function readSnapshot(
  connection: EngineConnection,
  last: EngineSnapshot | undefined,
  parts: ReadonlySet<Part>,
  restarted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<EngineSnapshot> {
  const get = <T>(path: string): Promise<T> => connection.call<T>('GET', path, { signal });
  const when = async <T>(part: Part, path: string, previous: T | undefined): Promise<T> =>
    previous === undefined || parts.has(part) ? await get<T>(path) : previous;
  const [info, version, containers, images, volumes, networks] = await Promise.all([
    last?.info ?? get<SystemInfo>('/info'),
    last?.version ?? get<SystemVersion>('/version'),
    when<readonly ContainerSummary[]>('containers', '/containers/json?all=true', last?.containers),
    when<readonly ImageSummary[]>('images', '/images/json', last?.images),
    parts.has('volumes') || last === undefined
      ? get<{ readonly Volumes?: readonly Volume[] | null }>('/volumes').then((answer) => answer.Volumes ?? [])
      : last.volumes,
    when<readonly Network[]>('networks', '/networks', last?.networks),
  ]);
  const startedAt = await startTimes(get, containers, last?.startedAt, restarted);
  return { info, version, containers, images, volumes, networks, startedAt };
}

/** The list does not say when a container was started: each is asked once for every start. */
async function startTimes(
  get: <T>(path: string) => Promise<T>,
  containers: readonly ContainerSummary[],
  known: ReadonlyMap<string, number> | undefined,
  restarted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const running = containers
    .filter((container) => container.State === 'running')
    .map((container) => container.Id ?? '');
  const times = await Promise.all(
    running.map(async (id) => {
      const before = restarted.has(id) ? undefined : known?.get(id);
      if (before !== undefined) return [id, before] as const;
      const inspected = await get<ContainerInspectResponse>(`/containers/${id}/json`).catch(() => undefined);
      return [id, Date.parse(inspected?.State?.StartedAt ?? '')] as const;
    }),
  );
  return new Map(times.filter(([, time]) => !Number.isNaN(time)));
}
