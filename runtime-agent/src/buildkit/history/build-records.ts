/**
 * The builds of BuildKit's clients, also those that have ended, as `docker buildx history` shows them. One folder per build,
 * which appears when it has been written: the record, and what it names by digest (logs, provenance).
 */
import { createHash } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { BuildHistoryEvent, BuildHistoryRecord, EVENT } from '../messages/history.ts';
import type { ValueOf } from '../wire/protobuf.ts';

export type BuildRecord = Partial<ValueOf<typeof BuildHistoryRecord>> & { readonly Ref: string };
export type RecordEvent = Partial<ValueOf<typeof BuildHistoryEvent>>;

export interface EndedBuild {
  readonly record: BuildRecord;
  /** What the record names. */
  readonly blobs: readonly Buffer[];
}

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
const RECORD = 'record';
const PARTIAL = '.partial-';

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** @param folder made when a build ends, read when somebody asks */
export function openBuildRecords(folder: string): BuildRecords {
  const running = new Map<string, BuildRecord>();
  const ended = new Map<string, EndedBuild>();
  const emitter = new EventEmitter().setMaxListeners(0);
  const tell = (type: number, record: BuildRecord): void => void emitter.emit('event', { type, record });
  let queue: Promise<unknown> = Promise.resolve();
  /** One after the other, and none that fails stands in the way of the next. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work);
    queue = done.catch(() => {});
    return done;
  };
  const placeOf = (ref: string): string => path.join(folder, createHash('sha256').update(ref).digest('hex'));
  /** What earlier engines left comes in when somebody first asks. */
  let read: Promise<void> | undefined;
  const known = async (): Promise<void> => {
    read ??= readRecords(folder).then((found) => {
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
    await rm(placeOf(ref), { recursive: true, force: true });
  };
  const write = async ({ record, blobs }: EndedBuild): Promise<void> => {
    if (ended.get(record.Ref)?.record !== record) return; // forgotten meanwhile
    const partial = path.join(folder, `${PARTIAL}${path.basename(placeOf(record.Ref))}`);
    await mkdir(partial, { recursive: true, mode: 0o700 });
    for (const blob of blobs) await writeFile(path.join(partial, digestOf(blob).slice('sha256:'.length)), blob);
    await writeFile(path.join(partial, RECORD), BuildHistoryRecord.encode(record));
    await rm(placeOf(record.Ref), { recursive: true, force: true });
    await rename(partial, placeOf(record.Ref));
    ended.set(record.Ref, { record, blobs: [] });
  };
  const forgetOld = async (): Promise<void> => {
    await known();
    const old = latestFirst([...ended.values()].filter(({ record: { pinned = false } }) => !pinned)).slice(KEPT);
    for (const {
      record: { Ref },
    } of old)
      await forget(Ref);
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
    async *events(signal) {
      try {
        for await (const [event] of on(emitter, 'event', { signal })) yield event as RecordEvent;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    async pin(ref, pinned) {
      await find(ref);
      await inTurn(async () => {
        const { record: before } = await find(ref);
        const record = { ...before, pinned, Generation: (before.Generation ?? 0) + 1 };
        const file = path.join(placeOf(ref), RECORD);
        await writeFile(`${file}.new`, BuildHistoryRecord.encode(record), { mode: 0o600 });
        await rename(`${file}.new`, file);
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
      const fresh = [...ended.values()].flatMap(({ blobs }) => blobs).find((blob) => digestOf(blob) === digest);
      if (fresh !== undefined) return fresh;
      const holder = [...ended.values()].find(({ record }) => namedBy(record).includes(digest));
      if (holder === undefined) return undefined;
      const file = path.join(placeOf(holder.record.Ref), digest.slice('sha256:'.length));
      return await readFile(file).catch(() => undefined); // forgotten meanwhile
    },
    written: async () => void (await queue),
  };
}

function namedBy({ logs, Result, externalError }: BuildRecord): (string | undefined)[] {
  return [logs?.digest, externalError?.digest, ...(Result?.Attestations ?? []).map(({ digest }) => digest)];
}

function latestFirst(builds: readonly EndedBuild[]): EndedBuild[] {
  const time = ({ record: { CreatedAt: { seconds = 0, nanos = 0 } = {} } }: EndedBuild): number =>
    seconds + nanos / 1e9;
  return builds.toSorted((a, b) => time(b) - time(a));
}

/** Whatever cannot be read is none. */
async function readRecords(folder: string): Promise<BuildRecord[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      if (name.startsWith(PARTIAL)) return [];
      try {
        return [BuildHistoryRecord.decode(await readFile(path.join(folder, name, RECORD)))];
      } catch {
        return [];
      }
    }),
  );
  return found.flat();
}
