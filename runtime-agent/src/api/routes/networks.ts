/** /networks/…: networks, and which containers they have. */
import { readBody, type Shape } from '#model/engine-api/body-shape.ts';
import { ENDPOINT } from '#model/engine-api/create-request.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import type { EventLog } from '../../events/event-log.ts';
import { filterNetworks } from '../../network/network-list.ts';
import { pruneNetworks } from '../../network/network-prune.ts';
import type { Networks } from '../../network/networks.ts';
import type { Call, Route } from '../route.ts';

export interface NetworkRoutesDeps {
  readonly networks: Pick<Networks, 'create' | 'inspect' | 'list' | 'remove'>;
  /** Containers, running or not; `container` is an id, a name or an unambiguous id prefix. */
  readonly containers: {
    connect(container: string, network: string, endpoint: EndpointSettings): Promise<void>;
    disconnect(container: string, network: string, force: boolean): Promise<void>;
  };
  readonly events: Pick<EventLog, 'publish'>;
}

const TEXT_MAP: Shape = { map: 'string' };

interface CreateBody {
  readonly Name?: string;
  readonly Driver?: string;
  readonly Scope?: string;
  readonly Internal?: boolean;
  readonly Attachable?: boolean;
  readonly Ingress?: boolean;
  readonly ConfigOnly?: boolean;
  readonly ConfigFrom?: { readonly Network?: string };
  readonly IPAM?: {
    readonly Driver?: string;
    readonly Config?: {
      Subnet?: string;
      IPRange?: string;
      Gateway?: string;
      AuxiliaryAddresses?: Record<string, string>;
    }[];
    readonly Options?: Record<string, string>;
  };
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6?: boolean;
  readonly Options?: Record<string, string>;
  readonly Labels?: Record<string, string>;
}

interface ConnectBody {
  readonly Container?: string;
  readonly EndpointConfig?: EndpointSettings;
}

interface DisconnectBody {
  readonly Container?: string;
  readonly Force?: boolean;
}

const CREATE: Shape = {
  go: 'network.CreateRequest',
  fields: {
    Name: 'string',
    Driver: 'string',
    Scope: 'string',
    Internal: 'boolean',
    Attachable: 'boolean',
    Ingress: 'boolean',
    ConfigOnly: 'boolean',
    ConfigFrom: { fields: { Network: 'string' }, go: 'network.ConfigReference' },
    IPAM: {
      go: 'network.IPAM',
      fields: {
        Driver: 'string',
        Config: {
          list: {
            go: 'network.IPAMConfig',
            fields: { Subnet: 'string', IPRange: 'string', Gateway: 'string', AuxiliaryAddresses: TEXT_MAP },
          },
        },
        Options: TEXT_MAP,
      },
    },
    EnableIPv4: 'boolean',
    EnableIPv6: 'boolean',
    Options: TEXT_MAP,
    Labels: TEXT_MAP,
  },
};

const CONNECT: Shape = {
  go: 'network.ConnectOptions',
  fields: { Container: 'string', EndpointConfig: ENDPOINT },
};
const DISCONNECT: Shape = {
  go: 'network.DisconnectOptions',
  fields: { Container: 'string', Force: 'boolean' },
};

export function networkRoutes({ networks, containers, events }: NetworkRoutesDeps): readonly Route[] {
  const list = async (call: Call) => {
    const filters = call.filters();
    // As Docker: which containers a network has is the answer of inspect only.
    // Until 1.28 the list told of the containers, too.
    const told = call.before('1.28');
    const found = filterNetworks(networks.list(), filters);
    const body = told ? found : found.map((network) => ({ ...network, Containers: {} }));
    return { status: 200, body };
  };
  const inspect = async (call: Call) => {
    const id = call.params['id'] ?? '';
    const scope = call.query.get('scope') ?? '';
    const verbose = call.query.get('verbose') ?? '';
    if (!/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False|)$/.test(verbose)) {
      const why = `strconv.ParseBool: parsing ${JSON.stringify(verbose)}: invalid syntax`;
      throw new EngineError('invalid', `invalid value for verbose: ${verbose}: ${why}`);
    }
    if (scope !== '' && scope !== 'local') throw new EngineError('not-found', `network ${id} not found`);
    return { status: 200, body: networks.inspect(id) };
  };
  return [
    { method: 'GET', path: '/networks', handle: list },
    { method: 'GET', path: '/networks/', handle: list },
    { method: 'GET', path: '/networks/{id}', handle: inspect },
    {
      method: 'POST',
      path: '/networks/create',
      handle: async (call) => {
        const { EnableIPv4, ...given } = readBody<CreateBody>(await call.json(), CREATE, 'CreateRequest');
        // Until 1.47 every network had it.
        const asked = EnableIPv4 === undefined || call.before('1.48') ? {} : { EnableIPv4 };
        return { status: 201, body: await networks.create({ Name: '', ...given, ...asked }) };
      },
    },
    {
      method: 'POST',
      path: '/networks/prune',
      handle: async (call) => {
        const deleted = await pruneNetworks(networks, call.filters(), Date.now());
        events.publish('network', 'prune', '', { reclaimed: '0' });
        return { status: 200, body: { NetworksDeleted: deleted.length === 0 ? null : deleted } };
      },
    },
    {
      method: 'DELETE',
      path: '/networks/{id}',
      handle: async (call) => {
        await networks.remove(call.params['id'] ?? '');
        return { status: 204 };
      },
    },
    {
      method: 'POST',
      path: '/networks/{id}/connect',
      handle: async (call) => {
        const { Container: container = '', EndpointConfig: endpoint = {} } = readBody<ConnectBody>(
          await call.json(),
          CONNECT,
          'ConnectOptions',
        );
        await containers.connect(named(container), call.params['id'] ?? '', endpoint);
        return { status: 200 };
      },
    },
    {
      method: 'POST',
      path: '/networks/{id}/disconnect',
      handle: async (call) => {
        const { Container: container = '', Force: force = false } = readBody<DisconnectBody>(
          await call.json(),
          DISCONNECT,
          'DisconnectOptions',
        );
        await containers.disconnect(named(container), call.params['id'] ?? '', force);
        return { status: 200 };
      },
    },
  ];
}

function named(container: string): string {
  if (container !== '') return container;
  throw new EngineError('invalid', 'invalid name or ID supplied: ""');
}
