/** POST /build of the classic builder, and the upkeep of the build cache. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import type { BuildHistory } from '../../build/build-history.ts';
import type { PruneReport, PruneRequest } from '../../build/cache-upkeep.ts';
import type { BuildEvent, BuildOutput, BuildRequest, BuildResult } from '../../build/request.ts';
import { exitCodeOf } from '../../build/steps/step-failure.ts';
import type { BuildKit } from '../../buildkit/buildkit.ts';
import type { RegistryCredentials } from '../../images/images.ts';
import { pickCredentials } from '../../registry/registry-auth.ts';
import { createBuildCalls } from '../build-calls.ts';
import { cachePruneRequest } from '../cache-prune-request.ts';
import { replyWithProgress, type Tell } from '../progress-reply.ts';
import type { Call, Route } from '../route.ts';
import { CLIENT_SESSION, createSessionBuilds } from '../session-build.ts';
import { cacheExports, cacheImports, imagesAsCache } from './build-cache.ts';

export interface BuildRoutesDeps {
  build(request: BuildRequest): Promise<Pick<BuildResult, 'imageId'>>;
  readonly buildKit: () => Promise<BuildKit>;
  readonly history: Pick<BuildHistory, 'list' | 'log'>;
  /** dockerd's mode of that name, in which the classic builder squashes. */
  readonly experimental: boolean;
  readonly upkeep: { prune(request: PruneRequest): Promise<PruneReport> };
}

export function buildRoutes(deps: BuildRoutesDeps): readonly Route[] {
  const calls = createBuildCalls();
  const sessions = createSessionBuilds(deps.buildKit);
  const build = (call: Call, more?: (tell: Tell) => Partial<BuildRequest>): Promise<undefined> => {
    const quiet = call.flag('q');
    const isOurs = more !== undefined;
    const work = async (tell: Tell): Promise<void> => {
      const onEvent = (event: BuildEvent): void => {
        const message = quiet ? undefined : messageFor(event, isOurs);
        if (message !== undefined) tell(message);
      };
      const kind = isOurs ? {} : { asClassic: true, ...keptContainers(call) };
      const { imageId } = await deps.build({ ...requestOf(call), ...kind, ...more?.(tell), onEvent });
      if (quiet) tell({ stream: `${imageId}\n` });
    };
    return replyWithProgress(call, work, { codeOf: exitCodeOf });
  };
  return [
    {
      method: 'POST',
      path: '/build',
      handle: async (call) => {
        if (wantsSquash(call.query) && !deps.experimental) {
          throw new EngineError('invalid', 'squash is only supported with experimental mode');
        }
        return bySession(call.query) ? sessions.build(call, requestOf(call)) : build(call);
      },
    },
    {
      // The same with what only our own client can give: secrets, SSH agents, named contexts, outputs.
      method: 'POST',
      path: '/slipway/v1/build',
      handle: async (call) => {
        const options = clientOptions(call.query);
        return build(call, (tell) => ({ ...options, client: calls.clientOf(tell, call.signal) }));
      },
    },
    {
      method: 'POST',
      path: '/slipway/v1/build/calls/{token}',
      handle: (call) => calls.answer(call),
    },
    {
      method: 'GET',
      path: '/slipway/v1/builds',
      handle: async () => ({ status: 200, body: await deps.history.list() }),
    },
    {
      method: 'GET',
      path: '/slipway/v1/builds/{id}/logs',
      async handle(call) {
        const log = await deps.history.log(call.params['id'] ?? '');
        await call.stream('text/plain').write(Buffer.from(log));
        return undefined;
      },
    },
    {
      method: 'POST',
      path: '/build/prune',
      handle: async (call) => ({ status: 200, body: await deps.upkeep.prune(cachePruneRequest(call)) }),
    },
    {
      method: 'POST',
      path: '/build/cancel',
      handle: async ({ query }) => {
        if (!query.get('id')) throw new EngineError('invalid', 'build ID not provided');
        sessions.cancel(query.get('id') ?? ''); // one of the classic kind ends with its connection
        return { status: 200 };
      },
    },
  ];
}

const INSECURE = 'security.insecure';

function clientOptions(query: URLSearchParams): Partial<BuildRequest> {
  const outputs = query.getAll('output').map((text): BuildOutput => {
    const [kind, name = ''] = text.split(':', 2);
    if (kind !== 'files' && kind !== 'image') throw new EngineError('invalid', `unknown kind of output: ${text}`);
    return { kind, name };
  });
  const unknown = query.getAll('allow').find((name) => name !== INSECURE && name !== 'network.host');
  if (unknown !== undefined) throw new EngineError('invalid', `unknown entitlement ${unknown}`);
  return {
    allowInsecure: query.getAll('allow').includes(INSECURE),
    secrets: query.getAll('secret'),
    agents: query.getAll('agent'),
    contexts: stringsOf('contexts', query),
    ignoreCacheOf: query.getAll('nocachefilter'),
    outputs,
    cacheFrom: cacheImports(jsonOf('cacheimport', query)),
    cacheTo: cacheExports(jsonOf('cacheexport', query)),
    keepImage: query.get('keepimage') !== '0',
    rewriteTimes: query.get('rewritetimes') === '1',
  };
}

/** With BuildKit's sessions? Who asks for BuildKit and has none sends the context itself, as to the classic builder. */
function bySession(query: URLSearchParams): boolean {
  const version = query.get('version') || '1';
  if (version !== '1' && version !== '2')
    throw new EngineError('invalid', `invalid version ${JSON.stringify(version)}`);
  if (version !== '2') return false;
  return ['session', 'buildid'].some((name) => query.get(name)) || query.get('remote') === CLIENT_SESSION;
}

function wantsSquash(query: URLSearchParams): boolean {
  return /^(1|true)$/i.test(query.get('squash') ?? '');
}

/** @param isOurs our own client hears of warnings; the classic builder has none */
function messageFor(event: BuildEvent, isOurs: boolean) {
  switch (event.kind) {
    case 'text':
      return { stream: event.text };
    case 'progress':
      return event.message;
    case 'warning':
      return isOurs ? { slipway: { warning: event.warning } } : undefined;
    case 'image':
      return { aux: { ID: event.id } };
  }
}

function requestOf(call: Call): BuildRequest {
  const { query, body, signal, request } = call;
  const text = (name: string): string => query.get(name) ?? '';
  const remote = text('remote');
  return {
    ...(remote === '' ? { context: body } : { remote }),
    dockerfile: text('dockerfile') || 'Dockerfile',
    tags: query.getAll('t').filter((tag) => tag !== ''),
    buildArgs: stringsOf('buildargs', query),
    unsetArguments: unsetOf('buildargs', query),
    labels: stringsOf('labels', query),
    target: text('target'),
    platform: text('platform'),
    ignoreCache: call.flag('nocache'),
    squash: wantsSquash(query),
    pull: call.flag('pull'),
    networkMode: text('networkmode'),
    hostConfig: hostConfigOf(query),
    cacheFrom: imagesAsCache(jsonOf('cachefrom', query)),
    credentials: registryConfig(request.headers['x-registry-config']),
    signal,
  };
}

/** `rm` is on where nothing is said, and does not remove the container of a command that fails: `forcerm` does. */
function keptContainers(call: Call): Pick<BuildRequest, 'keepContainers'> {
  if (call.flag('forcerm')) return {};
  return { keepContainers: (call.query.get('rm') ?? '') === '' || call.flag('rm') ? 'failed' : 'all' };
}

function jsonOf(name: string, query: URLSearchParams): unknown {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError('invalid', `error reading ${name}: ${(cause as Error).message}`, { cause });
  }
}

/** An object's members that are text: a build argument that is null has no value in the client's environment. */
function stringsOf(name: string, query: URLSearchParams): Record<string, string> {
  const value = jsonOf(name, query) ?? {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new EngineError('invalid', `error reading ${name}: not an object`);
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

const unsetOf = (name: string, query: URLSearchParams): string[] =>
  Object.entries(jsonOf(name, query) ?? {}).flatMap(([key, value]) => (value === null ? [key] : []));

const NUMBERS = {
  memory: 'Memory',
  memswap: 'MemorySwap',
  cpushares: 'CpuShares',
  cpuperiod: 'CpuPeriod',
  cpuquota: 'CpuQuota',
  shmsize: 'ShmSize',
} as const;
const TEXTS = { cpusetcpus: 'CpusetCpus', cpusetmems: 'CpusetMems', cgroupparent: 'CgroupParent' } as const;

function hostConfigOf(query: URLSearchParams): HostConfig {
  const host: HostConfig = {};
  for (const [name, field] of Object.entries(NUMBERS)) {
    const text = query.get(name) ?? '';
    if (text === '' || text === '0') continue;
    if (!/^-?\d+$/.test(text)) throw new EngineError('invalid', `invalid ${name}: ${text} is not a number`);
    host[field] = Number(text);
  }
  for (const [name, field] of Object.entries(TEXTS)) {
    const text = query.get(name) ?? '';
    if (text !== '') host[field] = text;
  }
  const extraHosts = query.getAll('extrahosts').filter((entry) => entry !== '');
  if (extraHosts.length > 0) host.ExtraHosts = extraHosts;
  const security = query.getAll('securityopt').filter((entry) => entry !== '');
  if (security.length > 0) host.SecurityOpt = security;
  const ulimits = jsonOf('ulimits', query);
  if (Array.isArray(ulimits) && ulimits.length > 0) host.Ulimits = ulimits.map(ulimitOf);
  return host;
}

function ulimitOf(value: unknown): { Name: string; Soft: number; Hard: number } {
  const { Name, Soft, Hard } = (value ?? {}) as Record<string, unknown>;
  if (typeof Name !== 'string' || typeof Soft !== 'number' || typeof Hard !== 'number') {
    throw new EngineError('invalid', 'error reading ulimits: each needs Name, Soft and Hard');
  }
  return { Name, Soft, Hard };
}

/** Docker's `X-Registry-Config`: base64url of an object by registry. What cannot be read counts as not there. */
function registryConfig(header: string | string[] | undefined): Record<string, RegistryCredentials> {
  if (typeof header !== 'string') return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64url').toString());
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return Object.fromEntries(entries.map(([registry, login]) => [registry, pickCredentials(Object(login))]));
  } catch {
    return {};
  }
}
