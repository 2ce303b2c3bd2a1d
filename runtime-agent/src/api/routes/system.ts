/** /_ping, /version, /info, /system/df, and the Swarm endpoints' answer on an engine that is in no swarm. */
import type { SystemInfo, SystemVersion } from '#model/engine-api/types.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { infoForVersion } from '../for-version/info.ts';
import type { Call, Route } from '../route.ts';
import { pluginRoutes } from './plugins.ts';
import type { Before } from '../version.ts';

export interface SystemRoutesDeps {
  info(): Promise<SystemInfo>;
  version(): Promise<SystemVersion>;
  /** Body of /system/df; `types` is empty when all are wanted. */
  diskUsage(types: readonly string[], before: Before): Promise<object>;
}

const PING_HEADERS = {
  // BuildKit, which clients that know it prefer.
  'Builder-Version': '2',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
  Swarm: 'inactive',
  'Content-Type': 'text/plain; charset=utf-8',
};

const SWARM_PATHS = ['services', 'nodes', 'swarm', 'secrets', 'configs', 'tasks'];
export const NOT_A_MANAGER =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

const NO_MEMBER = 'This node is not part of a swarm';

/** Secrets and configs say less about what is wrong. */
function versionOf(call: Call, what: string): void {
  const text = call.query.get('version') ?? '';
  if (/^\d+$/.test(text)) return;
  const reason = ` '${text}': strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  const brief = what === 'secret' || what === 'config';
  throw new EngineError('invalid', `invalid ${what} version${brief ? '' : reason}`);
}

function swarmRoutes(): readonly Route[] {
  const handle = (): Promise<never> => Promise.reject(new EngineError('unavailable', NOT_A_MANAGER));
  const leave = (): Promise<never> => Promise.reject(new EngineError('unavailable', NO_MEMBER));
  const updates = ['service', 'node', 'secret', 'config', 'swarm'].map((what): Route => {
    const update = async (call: Call): Promise<never> => {
      versionOf(call, what);
      return handle();
    };
    return { method: 'POST', path: what === 'swarm' ? '/swarm/update' : `/${what}s/{id}/update`, handle: update };
  });
  const rest = SWARM_PATHS.flatMap((name) =>
    (['GET', 'POST', 'DELETE', 'PUT'] as const).flatMap((method) => [
      { method, path: `/${name}`, handle },
      { method, path: `/${name}/{rest*}`, handle },
    ]),
  );
  return [{ method: 'POST', path: '/swarm/leave', handle: leave }, ...updates, ...rest];
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
    {
      method: 'GET',
      path: '/info',
      handle: async ({ before }) => ({ status: 200, body: infoForVersion(await deps.info(), before) }),
    },
    {
      method: 'GET',
      path: '/system/df',
      handle: async ({ query, before }) => {
        const types = before('1.42') ? [] : query.getAll('type');
        return { status: 200, body: await deps.diskUsage(types, before) };
      },
    },
    ...pluginRoutes(),
    ...swarmRoutes(),
  ];
}
