/** The builds of BuildKit's clients, also those that have ended, as `docker buildx history` shows them. */
import { EventEmitter, on } from 'node:events';
import { EngineError } from '#model/engine-api/errors.ts';
import { type BuildHistoryEvent, EVENT } from '../messages/history.ts';
import type { ValueOf } from '../wire/protobuf.ts';
import { type BuildRecord, digestOf, type EndedBuild, openRecordFiles, type RecordFiles } from './record-files.ts';

export type RecordEvent = Partial<ValueOf<typeof BuildHistoryEvent>>;

export interface BuildRecords {
  /** A build that has begun; `ended` resolves when that is on the disk, or cannot be. */
  begun(record: BuildRecord): { ended(build: EndedBuild): Promise<void> };
  /** Those that run, and those that have ended, the latest first. */
  list(): Promise<RecordEvent[]>;
  /** What happens from now on. */
  events(signal: AbortSignal): AsyncIterable<RecordEvent>;
  /** Pinned ones are not forgotten when newer ones come. Throws EngineError('invalid') for none of the builds, as BuildKit does. */
  pin(ref: string, pinned: boolean): Promise<void>;
  /** Throws as pin(). */
  delete(ref: string): Promise<void>;
  /** Of any build that has ended. */
  blob(digest: string): Promise<Buffer | undefined>;
  /** When everything is on the disk. */
  written(): Promise<void>;
}

/** Without those that are pinned: as many as its clients list. */
const KEPT = 50;

/** @param folder as of openRecordFiles; read when somebody asks */
export function openBuildRecords(folder: string): BuildRecords {
  const running = new Map<string, BuildRecord>();
  const ended = new Map<string, EndedBuild>();
  const emitter = new EventEmitter().setMaxListeners(0);
  const tell = (type: number, record: BuildRecord): void => void emitter.emit('event', { type, record });
  const files = openRecordFiles(folder);
  const { inTurn, idle } = createTurns();
  /** What earlier engines left comes in when somebody first asks. */
  let read: Promise<void> | undefined;
  const known = async (): Promise<void> => {
    read ??= files.all().then((found) => {
      for (const record of found) if (!ended.has(record.Ref)) ended.set(record.Ref, { record, blobs: [] });
    });
    await read;
  };
  const find = async (ref: string): Promise<EndedBuild> => {
    await known();
    const build = ended.get(ref);
    if (build === undefined) throw new EngineError('invalid', `lease "ref_${ref}": not found`);
    return build;
  };
  const forget = async (ref: string): Promise<void> => {
    ended.delete(ref);
    tell(EVENT.deleted, { Ref: ref });
    await files.remove(ref);
  };
  const write = async ({ record, blobs }: EndedBuild): Promise<void> => {
    if (ended.get(record.Ref)?.record !== record) return; // forgotten meanwhile
    await files.write({ record, blobs });
    ended.set(record.Ref, { record, blobs: [] });
  };
  const forgetOld = async (): Promise<void> => {
    await known();
    const old = latestFirst([...ended.values()].filter(({ record: { pinned = false } }) => !pinned)).slice(KEPT);
    for (const { record } of old) await forget(record.Ref);
  };
  return {
    begun(record) {
      running.set(record.Ref, record);
      tell(EVENT.started, record);
      return {
        ended(build) {
          running.delete(record.Ref);
          ended.set(record.Ref, build);
          tell(EVENT.complete, build.record);
          const written = inTurn(() => write(build)).catch(() => {}); // a full disk is no reason for a build to fail that has not
          void inTurn(forgetOld).catch(() => {});
          return written;
        },
      };
    },
    async list() {
      await known();
      return [
        ...[...running.values()].map((record) => ({ type: EVENT.started, record })),
        ...latestFirst([...ended.values()]).map(({ record }) => ({ type: EVENT.complete, record })),
      ];
    },
    events: (signal) => eventsOf(emitter, signal),
    async pin(ref, pinned) {
      await find(ref);
      await inTurn(async () => {
        const { record: before } = await find(ref);
        const record = { ...before, pinned, Generation: (before.Generation ?? 0) + 1 };
        await files.rewrite(record);
        ended.set(ref, { record, blobs: [] });
        tell(EVENT.complete, record);
      });
    },
    async delete(ref) {
      await find(ref);
      await inTurn(() => forget(ref));
    },
    async blob(digest) {
      await known();
      return await blobOf([...ended.values()], files, digest);
    },
    written: idle,
  };
}

/** One after the other, and none that fails stands in the way of the next. */
function createTurns() {
  let queue: Promise<unknown> = Promise.resolve();
  return {
    inTurn: <T>(work: () => Promise<T>): Promise<T> => {
      const done = queue.then(work);
      queue = done.catch(() => {});
      return done;
    },
    idle: async (): Promise<void> => void (await queue),
  };
}

async function* eventsOf(emitter: EventEmitter, signal: AbortSignal): AsyncGenerator<RecordEvent> {
  try {
    for await (const [event] of on(emitter, 'event', { signal })) yield event as RecordEvent;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Of a build that is not written yet, or from the disk. */
async function blobOf(ended: readonly EndedBuild[], files: RecordFiles, digest: string): Promise<Buffer | undefined> {
  const fresh = ended.flatMap(({ blobs }) => blobs).find((blob) => digestOf(blob) === digest);
  if (fresh !== undefined) return fresh;
  const holder = ended.find(({ record }) => namedBy(record).includes(digest));
  return holder && (await files.blob(holder.record.Ref, digest));
}

function namedBy({ logs, Result, externalError }: BuildRecord): (string | undefined)[] {
  return [logs?.digest, externalError?.digest, ...(Result?.Attestations ?? []).map(({ digest }) => digest)];
}

function latestFirst(builds: readonly EndedBuild[]): EndedBuild[] {
  const time = ({ record: { CreatedAt: { seconds = 0, nanos = 0 } = {} } }: EndedBuild): number =>
    seconds + nanos / 1e9;
  return builds.toSorted((a, b) => time(b) - time(a));
}
