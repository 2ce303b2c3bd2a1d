/** /plugins: an engine without managed plugins says so, and which of a client's questions make no sense. */
import { EngineError } from '#model/engine-api/errors.ts';
import { checkFilterNames } from '#model/engine-api/filter-values.ts';
import type { Call, Reply, Route } from '../route.ts';

const FILTERS = ['capability', 'enabled'];

const missing = async (call: Call): Promise<Reply> => {
  throw new EngineError('not-found', `plugin ${JSON.stringify(call.params['name'])} not found`);
};

async function enable(call: Call): Promise<Reply> {
  const text = call.query.get('timeout') ?? '';
  if (!/^\d+$/.test(text)) {
    throw new EngineError('internal', `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return missing(call);
}

const unsupported = async (): Promise<Reply> => {
  throw new EngineError(
    'not-implemented',
    'plugins are not supported by this engine: volumes, networks and logs use its own drivers',
  );
};

export function pluginRoutes(): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/plugins',
      handle: async (call) => {
        checkFilterNames(call.filters(), FILTERS);
        return { status: 200, body: [] };
      },
    },
    { method: 'GET', path: '/plugins/privileges', handle: unsupported },
    { method: 'POST', path: '/plugins/pull', handle: unsupported },
    { method: 'POST', path: '/plugins/create', handle: unsupported },
    { method: 'GET', path: '/plugins/{name*}/json', handle: missing },
    { method: 'POST', path: '/plugins/{name*}/enable', handle: enable },
    { method: 'POST', path: '/plugins/{name*}/disable', handle: missing },
    { method: 'POST', path: '/plugins/{name*}/set', handle: missing },
    { method: 'POST', path: '/plugins/{name*}/push', handle: missing },
    { method: 'POST', path: '/plugins/{name*}/upgrade', handle: unsupported },
    { method: 'DELETE', path: '/plugins/{name*}', handle: missing },
  ];
}
