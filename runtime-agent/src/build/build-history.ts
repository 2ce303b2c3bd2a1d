/** The latest builds, how each ended and what it said: a document of the state per build, from when the build has ended. */
import { randomUUID } from 'node:crypto';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Database } from '../state/collection.ts';
import type { BuildRequest, BuildResult } from './request.ts';

export interface BuildRecord {
  readonly id: string;
  /** What was built: its first tag, or where it came from. */
  readonly name: string;
  readonly status: 'running' | 'completed' | 'error' | 'cancelled';
  /** RFC 3339. */
  readonly started: string;
  readonly ended?: string;
  /** `sha256:…` */
  readonly imageId?: string;
  readonly error?: string;
}

export interface BuildHistory {
  /** Does the work and writes down what comes of it, before it tells: what a client has heard of is there after a kill. */
  record(request: BuildRequest, work: (request: BuildRequest) => Promise<BuildResult>): Promise<BuildResult>;
  /** The latest first. */
  list(): Promise<BuildRecord[]>;
  /** What the build said so far. Throws EngineError('not-found'), also for a beginning that several ids have. */
  log(id: string): Promise<string>;
}

/** Older ones are forgotten. */
const KEPT = 50;
/** Characters of what a build says. */
const LOG_LIMIT = 1 << 20;

interface Entry {
  record: BuildRecord;
  log: string;
}

export function openBuildHistory(database: Database): BuildHistory {
  const documents = database.collection<Entry>('build_history');
  /** Those that are not in the state yet. */
  const running = new Map<string, Entry>();
  let latest = 0; // two builds never begin at the same moment: that is their order
  /** Of the documents, the oldest first; read once, as nobody else writes there. */
  let names: string[] | undefined;

  /** Not in a file of its own: making one waits for whatever else the disk is doing, and the build is not answered before. */
  const keep = (entry: Entry): void => {
    const known = (names ??= documents.all().map(({ id }) => id));
    const name = `${Date.parse(entry.record.started)}-${entry.record.id}`;
    const all = [...known, name].sort();
    const old = all.splice(0, Math.max(0, all.length - KEPT));
    database.transaction(() => {
      documents.put(name, entry);
      for (const one of old) documents.delete(one);
    });
    names = all;
  };

  return {
    async record(request, work) {
      const id = randomUUID().slice(-12);
      latest = Math.max(latest + 1, Date.now());
      const entry: Entry = { record: begun(id, request, latest), log: '' };
      running.set(id, entry);
      const onEvent: BuildRequest['onEvent'] = (event) => {
        if (event.kind === 'text' && entry.log.length < LOG_LIMIT) entry.log += event.text;
        request.onEvent?.(event);
      };
      const end = (how: Partial<BuildRecord>): void => {
        entry.record = { ...entry.record, ended: new Date().toISOString(), ...how };
        try {
          keep(entry);
        } catch {
          // A full disk is no reason for a build to fail that has not.
        }
        running.delete(id);
      };
      try {
        const result = await work({ ...request, onEvent });
        end({ status: 'completed', ...(result.imageId === '' ? {} : { imageId: result.imageId }) });
        return result;
      } catch (error) {
        const isCancelled = error instanceof EngineError && error.code === 'cancelled';
        end({ status: isCancelled ? 'cancelled' : 'error', error: messageOf(error) });
        throw error;
      }
    },
    async list() {
      const ended = documents.all().map(({ value }) => value);
      const all = new Map([...ended, ...running.values()].map(({ record }) => [record.id, record]));
      return [...all.values()].sort((a, b) => (a.started < b.started ? 1 : -1));
    },
    async log(id) {
      const now = [...running.values()].filter(({ record }) => record.id.startsWith(id));
      const kept = documents.all().flatMap(({ value }) => (value.record.id.startsWith(id) ? [value] : []));
      const [found, ...more] = [
        ...now,
        ...kept.filter(({ record }) => now.every((one) => one.record.id !== record.id)),
      ];
      if (found === undefined || id === '') throw new EngineError('not-found', `no such build: ${id}`);
      if (more.length > 0) throw new EngineError('not-found', `several builds begin with ${id}`);
      const cut = found.log.length < LOG_LIMIT ? '' : '\n… (the rest was not kept)\n';
      return `${found.log}${cut}${found.record.error === undefined ? '' : `${found.record.error}\n`}`;
    },
  };
}

function begun(
  id: string,
  { tags = [], remote, dockerfile = 'Dockerfile', target = '' }: BuildRequest,
  at: number,
): BuildRecord {
  const source = tags[0] ?? (remote ? remote : dockerfile);
  const name = target === '' ? source : `${source} (${target})`;
  return { id, name, status: 'running', started: new Date(at).toISOString() };
}
