/** Follows the statistics of containers for as long as somebody looks at them. */
import type { ContainerStatsResponse } from '#model/engine-api/types.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { jsonLines } from '../hosts/json-lines.ts';
import { type Usage, usageOf } from './usage.ts';

export interface UsageFollower extends Disposable {
  /** The containers to follow from now on; of others the streams end. */
  follow(ids: readonly string[]): void;
  current(): ReadonlyMap<string, Usage>;
}

/** A stream each: more would cost the host more than they tell a person. */
const LARGEST = 30;

/** @param onChange called at most once every `everyMs` */
export function followUsage(
  connection: Pick<EngineConnection, 'stream'>,
  onChange: () => void,
  everyMs = 2000,
): UsageFollower {
  const streams = new Map<string, AbortController>();
  const usage = new Map<string, Usage>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange();
    }, everyMs).unref();
  };
  const read = async (id: string, { signal }: AbortController): Promise<void> => {
    const stream = await connection.stream('GET', `/containers/${id}/stats`, { query: { stream: true }, signal });
    for await (const stats of jsonLines<ContainerStatsResponse>(stream)) {
      const now = usageOf(stats);
      if (now === undefined || signal.aborted) continue;
      usage.set(id, now);
      tell();
    }
  };
  const start = (id: string): void => {
    const controller = new AbortController();
    streams.set(id, controller);
    read(id, controller)
      .catch(() => undefined) // a container that has ended; the connection itself tells of its loss
      .finally(() => {
        if (streams.get(id) !== controller) return;
        streams.delete(id);
        usage.delete(id);
      });
  };
  const end = (id: string, controller: AbortController): void => {
    streams.delete(id);
    usage.delete(id);
    controller.abort();
  };
  return {
    follow(ids) {
      const wanted = new Set(ids.slice(0, LARGEST));
      for (const [id, controller] of streams) if (!wanted.has(id)) end(id, controller);
      for (const id of wanted) if (!streams.has(id)) start(id);
    },
    current: () => usage,
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const [id, controller] of streams) end(id, controller);
    },
  };
}
