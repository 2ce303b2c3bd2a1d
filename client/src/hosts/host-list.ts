/** The hosts there are and what each is doing: saved ones, their connections, and getting a lost one back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { ConnectOptions } from './connect.ts';
import type { EngineConnection } from './engine-connection.ts';
import { hostId, hostLabel, type SavedHost } from './saved-host.ts';

export type HostState =
  | { readonly kind: 'disconnected' }
  /** `lost`: why the connection that is being got back was lost; undefined for a first one. */
  | { readonly kind: 'connecting'; readonly message: string; readonly lost?: string }
  | { readonly kind: 'connected'; readonly connection: EngineConnection }
  /** Lost; the next try is at `retryAt` (ms since 1970). */
  | { readonly kind: 'lost'; readonly reason: string; readonly retryAt: number }
  | { readonly kind: 'failed'; readonly error: EngineError };

export interface Host {
  readonly id: string;
  readonly label: string;
  readonly saved: SavedHost;
  readonly state: HostState;
}

export interface HostList extends AsyncDisposable {
  all(): readonly Host[];
  get(id: string): Host | undefined;
  /** The connection, when there is one right now. */
  connection(id: string): EngineConnection | undefined;
  /** Every connection there is. */
  connections(): readonly EngineConnection[];
  add(host: SavedHost): Promise<void>;
  /** Disconnects and forgets it. */
  remove(id: string): Promise<void>;
  /** Joins an attempt under way. @throws EngineError */
  connect(id: string, options?: Partial<ConnectOptions>): Promise<EngineConnection>;
  /** Ends the connection or the attempts to get it back. */
  disconnect(id: string): Promise<void>;
  onChange(listener: () => void): () => void;
}

export interface HostListDeps {
  readonly connect: (host: SavedHost, options: ConnectOptions) => Promise<EngineConnection>;
  readonly saved: readonly SavedHost[];
  readonly save: (hosts: readonly SavedHost[]) => PromiseLike<void>;
  readonly log: (line: string) => void;
  /** Told once per loss; the reason is for a person. */
  readonly onLost: (label: string, reason: string) => void;
  /** Waiting times between tries to get a lost connection back, in ms; the last is repeated. */
  readonly backOff?: readonly number[];
}

interface Entry {
  readonly saved: SavedHost;
  state: HostState;
  /** Ends what is under way for this host: an attempt, or the wait for the next. */
  work: AbortController;
  attempt: Promise<EngineConnection> | undefined;
}

const BACK_OFF = [1000, 2000, 5000, 10_000, 30_000];

export function hostList(deps: HostListDeps): HostList {
  const entries = new Map<string, Entry>();
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const put = (saved: SavedHost): void => {
    entries.set(hostId(saved), {
      saved,
      state: { kind: 'disconnected' },
      work: new AbortController(),
      attempt: undefined,
    });
  };
  const set = (entry: Entry, state: HostState): void => {
    entry.state = state;
    changed();
  };
  const find = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry === undefined) throw new EngineError('not-found', `There is no host ${id}. Add it first.`);
    return entry;
  };
  const save = async (): Promise<void> => await deps.save([...entries.values()].map((entry) => entry.saved));
  for (const host of deps.saved) put(host);
  const context: Context = { deps, set };

  return {
    all: () => [...entries].map(([id, { saved, state }]) => ({ id, label: hostLabel(saved), saved, state })),
    get: (id) => {
      const entry = entries.get(id);
      return entry && { id, label: hostLabel(entry.saved), saved: entry.saved, state: entry.state };
    },
    connection: (id) => connectionOf(entries.get(id)),
    connections: () => [...entries.values()].map(connectionOf).filter((connection) => connection !== undefined),
    async add(host) {
      if (entries.has(hostId(host))) return;
      put(host);
      changed();
      await save();
    },
    async remove(id) {
      const entry = entries.get(id);
      if (entry === undefined) return;
      await drop(entry);
      entries.delete(id);
      changed();
      await save();
    },
    connect: async (id, options = {}) => await connectEntry(context, find(id), options),
    async disconnect(id) {
      const entry = find(id);
      await drop(entry);
      set(entry, { kind: 'disconnected' });
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      listeners.clear();
      await Promise.allSettled([...entries.values()].map(drop));
    },
  };
}

interface Context {
  readonly deps: HostListDeps;
  readonly set: (entry: Entry, state: HostState) => void;
}

function connectionOf(entry: Entry | undefined): EngineConnection | undefined {
  return entry?.state.kind === 'connected' ? entry.state.connection : undefined;
}

async function drop(entry: Entry): Promise<void> {
  entry.work.abort();
  const connection = connectionOf(entry);
  entry.attempt = undefined;
  await connection?.[Symbol.asyncDispose]();
}

async function connectEntry(
  context: Context,
  entry: Entry,
  options: Partial<ConnectOptions>,
): Promise<EngineConnection> {
  const there = connectionOf(entry);
  if (there !== undefined) return there;
  if (entry.attempt !== undefined) return await entry.attempt;
  entry.work.abort(); // the wait for the next try, if any
  const work = new AbortController();
  entry.work = work;
  const wasLost = entry.state.kind === 'lost';
  const attempt = attemptOnce(context, entry, work.signal, options);
  entry.attempt = attempt;
  try {
    return await attempt;
  } catch (error) {
    // Asking for one more try by hand does not end those that go on by themselves.
    if (wasLost && isWorthRetrying(error)) void keepTrying(context, entry, work, messageOf(error));
    throw error;
  } finally {
    if (entry.attempt === attempt) entry.attempt = undefined;
  }
}

async function attemptOnce(
  context: Context,
  entry: Entry,
  work: AbortSignal,
  options: Partial<ConnectOptions>,
): Promise<EngineConnection> {
  const { deps, set } = context;
  const label = hostLabel(entry.saved);
  const signal = options.signal === undefined ? work : AbortSignal.any([work, options.signal]);
  const lost = entry.state.kind === 'lost' ? { lost: entry.state.reason } : {};
  let last = '';
  const report: ConnectOptions['report'] = (message, percent) => {
    options.report?.(message, percent);
    if (message !== last && !work.aborted) set(entry, { kind: 'connecting', message, ...lost });
    last = message;
  };
  report('Connecting');
  try {
    const connection = await deps.connect(entry.saved, { signal, report });
    if (work.aborted) {
      await connection[Symbol.asyncDispose]();
      throw new EngineError('cancelled', 'Cancelled.');
    }
    connection.onLost((reason) => void recover(context, entry, connection, reason));
    deps.log(`${label}: connected`);
    set(entry, { kind: 'connected', connection });
    return connection;
  } catch (caught) {
    const error = asEngineError(caught);
    if (!work.aborted) set(entry, error.code === 'cancelled' ? { kind: 'disconnected' } : { kind: 'failed', error });
    if (error.code !== 'cancelled') deps.log(`${label}: ${error.message}`);
    throw error;
  }
}

/** Tries again and again, ever slower, until it works, someone decides otherwise, or trying is pointless. */
async function recover(context: Context, entry: Entry, lost: EngineConnection, reason: string): Promise<void> {
  const { deps, set } = context;
  if (connectionOf(entry) !== lost) return;
  const label = hostLabel(entry.saved);
  deps.log(`${label}: ${reason}`);
  deps.onLost(label, reason);
  const work = new AbortController();
  entry.work = work;
  set(entry, { kind: 'lost', reason, retryAt: Date.now() + waitBefore(deps, 0) });
  await lost[Symbol.asyncDispose]();
  await keepTrying(context, entry, work, reason);
}

async function keepTrying(context: Context, entry: Entry, work: AbortController, reason: string): Promise<void> {
  const { deps, set } = context;
  for (let attempt = 0, why = reason; !work.signal.aborted; attempt++) {
    const wait = waitBefore(deps, attempt);
    set(entry, { kind: 'lost', reason: why, retryAt: Date.now() + wait });
    if (!(await waited(wait, work.signal))) return;
    try {
      const trying = attemptOnce(context, entry, work.signal, {});
      entry.attempt = trying;
      await trying;
      return;
    } catch (error) {
      if (!isWorthRetrying(error)) return;
      why = messageOf(error);
    } finally {
      if (entry.work === work) entry.attempt = undefined;
    }
  }
}

function waitBefore({ backOff = BACK_OFF }: HostListDeps, attempt: number): number {
  return backOff[Math.min(attempt, backOff.length - 1)] ?? 1000;
}

/** A refused key or a question left unanswered will not get better by itself. */
function isWorthRetrying(caught: unknown): boolean {
  const { code } = asEngineError(caught);
  return code === 'unavailable' || code === 'internal';
}

/** @returns false when the signal came first */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  return await sleep(ms, true, { signal }).catch(() => false);
}

function asEngineError(error: unknown): EngineError {
  return error instanceof EngineError ? error : new EngineError('internal', messageOf(error), { cause: error });
}
