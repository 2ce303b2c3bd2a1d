/** An engine for tests of commands: answers from a table, and writes down what was asked of it. */
import { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineSnapshot } from '../explorer/snapshot.ts';
import { filesOf } from '../files/files-of.ts';
import { activeHost } from '../hosts/active-host.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { hostList } from '../hosts/host-list.ts';
import { hostId, hostLabel, type SavedHost } from '../hosts/saved-host.ts';
import { portTunnels } from '../tunnel/port-tunnels.ts';
import type { FakeUi } from '../views/fake-ui.ts';
import type { CommandDeps } from './deps.ts';

export interface FakeEngine {
  /** `METHOD path?query body`, of all hosts: `local: POST /containers/c1/stop`. */
  readonly calls: string[];
  readonly deps: CommandDeps;
}

export interface FakeEngineOptions {
  readonly hosts?: readonly SavedHost[];
  readonly snapshot?: Partial<EngineSnapshot>;
  /** By `METHOD path`; an EngineError is thrown, a string is streamed. */
  readonly answers?: Readonly<Record<string, unknown>>;
}

/** All hosts are connected and have the same things on them. */
export async function fakeEngine(ui: FakeUi, options: FakeEngineOptions = {}): Promise<FakeEngine> {
  const calls: string[] = [];
  const saved = options.hosts ?? [{ kind: 'local' }];
  const hosts = hostList({
    connect: async (host) => connectionTo(host, calls, options.answers ?? {}),
    saved,
    save: async () => undefined,
    log: () => undefined,
    onLost: () => undefined,
  });
  for (const host of saved) await hosts.connect(hostId(host));
  let chosen: string | undefined;
  const empty = { info: {}, version: {}, containers: [], startedAt: new Map(), images: [], volumes: [], networks: [] };
  const snapshot = { ...empty, ...options.snapshot } as EngineSnapshot;
  const deps: CommandDeps = {
    ui,
    hosts,
    active: activeHost(hosts, { get: () => chosen, set: async (id) => void (chosen = id) }),
    snapshot: () => snapshot,
    refresh: async () => undefined,
    sshHosts: () => [],
    dockerHost: async () => undefined,
    ports: portTunnels(
      (id) => hosts.connection(id),
      () => undefined,
    ),
    files: {
      of: filesOf(hosts, () => snapshot),
      show: async (_id, name) => void ui.shown.push(`files of ${name}`),
      refresh: () => void ui.shown.push('refresh files'),
    },
    folders: () => [],
    findCompose: async () => undefined,
    turnRuleOff: async () => ({ where: 'user', undo: async () => undefined }),
    engineHome: '~/.slipway',
  };
  return { calls, deps };
}

function connectionTo(host: SavedHost, calls: string[], answers: Readonly<Record<string, unknown>>): EngineConnection {
  const answer = (method: string, path: string, options?: { query?: object; body?: unknown }): unknown => {
    const query = options?.query === undefined ? '' : `?${new URLSearchParams({ ...options.query })}`;
    const { body: sent } = options ?? {};
    const body = sent === undefined || sent instanceof Readable ? '' : ` ${JSON.stringify(sent)}`;
    calls.push(`${hostId(host)}: ${method} ${path}${query}${body}`);
    const found = answers[`${method} ${path}`];
    if (found instanceof EngineError) throw found;
    return found;
  };
  const call = async (method: string, path: string, options?: object): Promise<unknown> =>
    answer(method, path, options);
  const stream = async (method: string, path: string, options?: object): Promise<Readable> =>
    Readable.from([Buffer.from(String(answer(method, path, options) ?? ''))]);
  return {
    id: hostId(host),
    label: hostLabel(host),
    kind: host.kind,
    call,
    stream,
    onLost: () => () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  } as unknown as EngineConnection;
}
