/**
 * Workspaces: copies of clients' folders on this host, to be mounted into containers. Types in model/slipway-api/.
 *
 *     PUT    /slipway/v1/workspaces/{name}                     makes it if need be -> WorkspaceInfo
 *     GET    /slipway/v1/workspaces/{name}                     -> WorkspaceInfo; 404
 *     DELETE /slipway/v1/workspaces/{name}                     204, also when there is none
 *     GET    /slipway/v1/workspaces/{name}/manifest[?ignore=PATTERN…]   -> Manifest
 *     PUT    /slipway/v1/workspaces/{name}/files[?uid=N&gid=N]  body: a tar stream as PAX_BASE describes -> PushResult
 *         Every entry is in place whole or not at all; new ones belong to uid:gid.
 *     GET    /slipway/v1/workspaces/{name}/files?path=…         -> tar stream of those files
 *     POST   /slipway/v1/workspaces/{name}/owner?uid=N&gid=N    gives everything in it to that user
 *     GET    /slipway/v1/workspaces/{name}/changes[?ignore=PATTERN…]
 *         A stream of JSON lines: {"ready":true}, then each ForeignChange as it happens.
 */
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ForeignChange, Manifest, PushResult, WorkspaceInfo } from '#model/slipway-api/workspaces.ts';
import type { Call, Reply, Route } from '../route.ts';

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface WorkspaceRoutesDeps {
  readonly workspaces: {
    open(name: string): Promise<WorkspaceInfo>;
    inspect(name: string): Promise<WorkspaceInfo>;
    remove(name: string): Promise<void>;
    manifest(name: string, ignore: readonly string[]): Promise<Manifest>;
    push(name: string, body: Readable, owner: Owner | undefined, signal: AbortSignal): Promise<PushResult>;
    read(name: string, paths: readonly string[]): Promise<Readable>;
    own(name: string, owner: Owner): Promise<void>;
    watch(name: string, ignore: readonly string[], onChange: (change: ForeignChange) => void): Promise<AsyncDisposable>;
  };
}

type Handler = (name: string, call: Call) => Promise<Reply | undefined>;

export function workspaceRoutes({ workspaces }: WorkspaceRoutesDeps): readonly Route[] {
  const route = (method: Route['method'], path: string, handler: Handler): Route => ({
    method,
    path: `/slipway/v1/workspaces/{name}${path}`,
    handle: async (call) => await handler(call.params['name'] ?? '', call),
  });
  return [
    route('PUT', '', async (name) => ({ status: 200, body: await workspaces.open(name) })),
    route('GET', '', async (name) => ({ status: 200, body: await workspaces.inspect(name) })),
    route('DELETE', '', async (name) => {
      await workspaces.remove(name);
      return { status: 204 };
    }),
    route('GET', '/manifest', async (name, { query }) => ({
      status: 200,
      body: await workspaces.manifest(name, query.getAll('ignore')),
    })),
    route('PUT', '/files', async (name, call) => ({
      status: 200,
      body: await workspaces.push(name, call.body, ownerOf(call.query), call.signal),
    })),
    route('GET', '/files', async (name, { query }) => ({
      status: 200,
      body: await workspaces.read(name, query.getAll('path')),
      headers: { 'Content-Type': 'application/x-tar' },
    })),
    route('POST', '/owner', async (name, { query }) => {
      const owner = ownerOf(query);
      if (owner === undefined) throw new EngineError('invalid', 'uid and gid are missing');
      await workspaces.own(name, owner);
      return { status: 204 };
    }),
    route('GET', '/changes', async (name, call) => await streamChanges(workspaces, name, call)),
  ];
}

function ownerOf(query: URLSearchParams): Owner | undefined {
  if (!query.has('uid') && !query.has('gid')) return undefined;
  const [uid, gid] = ['uid', 'gid'].map((key) => {
    const value = Number(query.get(key) ?? Number.NaN);
    if (Number.isInteger(value) && value >= 0 && value < 2 ** 32 - 1) return value;
    throw new EngineError('invalid', `${key}=${query.get(key) ?? ''} is not a numeric user or group id`);
  }) as [number, number];
  return { uid, gid };
}

async function streamChanges(
  workspaces: WorkspaceRoutesDeps['workspaces'],
  name: string,
  call: Call,
): Promise<undefined> {
  const queue: ForeignChange[] = [];
  let wake = (): void => {};
  await using _watch = await workspaces.watch(name, call.query.getAll('ignore'), (change) => {
    queue.push(change);
    wake();
  });
  call.signal.addEventListener('abort', () => wake(), { once: true });
  const stream = call.stream('application/json');
  await stream.json({ ready: true });
  while (!call.signal.aborted) {
    const change = queue.shift();
    if (change !== undefined) await stream.json(change);
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}
