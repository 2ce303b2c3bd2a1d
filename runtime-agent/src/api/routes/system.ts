/** /_ping, /version, /info, /system/df, and the Swarm endpoints' answer on an engine that is in no swarm. */
import type { SystemInfo, SystemVersion } from '#model/engine-api/types.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Route } from '../route.ts';

export interface SystemRoutesDeps {
  info(): Promise<SystemInfo>;
  version(): Promise<SystemVersion>;
  /** Body of /system/df; `types` is empty when all are wanted. */
  diskUsage(types: readonly string[]): Promise<object>;
}

const PING_HEADERS = {
  // The classic builder: clients without BuildKit's session protocol build by POST /build.
  'Builder-Version': '1',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
  Swarm: 'inactive',
  'Content-Type': 'text/plain; charset=utf-8',
};

const SWARM_PATHS = ['services', 'nodes', 'swarm', 'secrets', 'configs', 'tasks'];
const NOT_A_MANAGER =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

function swarmRoutes(): readonly Route[] {
  const handle = (): Promise<never> => Promise.reject(new EngineError('unavailable', NOT_A_MANAGER));
  return SWARM_PATHS.flatMap((name) =>
    (['GET', 'POST', 'DELETE', 'PUT'] as const).flatMap((method) => [
      { method, path: `/${name}`, handle },
      { method, path: `/${name}/{rest*}`, handle },
    ]),
  );
}

export function systemRoutes(deps: SystemRoutesDeps): readonly Route[] {
  return [
    { method: 'GET', path: '/_ping', handle: async () => ({ status: 200, headers: PING_HEADERS, body: 'OK' }) },
    {
      method: 'HEAD',
      path: '/_ping',
      handle: async () => ({ status: 200, headers: { ...PING_HEADERS, 'Content-Length': '0' } }),
    },
    { method: 'GET', path: '/version', handle: async () => ({ status: 200, body: await deps.version() }) },
    { method: 'GET', path: '/info', handle: async () => ({ status: 200, body: await deps.info() }) },
    {
      method: 'GET',
      path: '/system/df',
      handle: async (call) => ({
        status: 200,
        body: await deps.diskUsage(call.query.getAll('type')),
      }),
    },
    { method: 'GET', path: '/plugins', handle: async () => ({ status: 200, body: [] }) },
    ...swarmRoutes(),
  ];
}
