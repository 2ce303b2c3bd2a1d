/** /networks/…: networks, and which containers they have. */
import * as v from 'valibot';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import type { EventLog } from '../../events/event-log.ts';
import { filterNetworks } from '../../network/network-list.ts';
import { pruneNetworks } from '../../network/network-prune.ts';
import type { Networks } from '../../network/networks.ts';
import { readBody, stringMap } from '../read-body.ts';
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

const text = v.exactOptional(v.string());
const flag = v.exactOptional(v.boolean());
const textMap = v.exactOptional(stringMap);
const texts = v.exactOptional(v.array(v.string()));

const CreateBody = v.object({
  Name: v.optional(v.string(), ''),
  Driver: text,
  Scope: text,
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  ConfigOnly: flag,
  ConfigFrom: v.exactOptional(v.object({ Network: text })),
  IPAM: v.exactOptional(
    v.object({
      Driver: text,
      Config: v.exactOptional(
        v.array(v.object({ Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: textMap })),
      ),
      Options: textMap,
    }),
  ),
  EnableIPv4: flag,
  EnableIPv6: flag,
  Options: textMap,
  Labels: textMap,
});

const ConnectBody = v.object({
  Container: v.optional(v.string(), ''),
  EndpointConfig: v.exactOptional(
    v.object({
      IPAMConfig: v.exactOptional(v.object({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: texts })),
      Links: texts,
      Aliases: texts,
      MacAddress: text,
      DriverOpts: textMap,
      GwPriority: v.exactOptional(v.number()),
    }),
  ),
});

const DisconnectBody = v.object({ Container: v.optional(v.string(), ''), Force: flag });

export function networkRoutes({ networks, containers, events }: NetworkRoutesDeps): readonly Route[] {
  const list = async (call: Call) => {
    const filters = call.filters();
    // As Docker: which containers a network has is the answer of inspect only.
    const body = filterNetworks(networks.list(), filters).map((network) => ({ ...network, Containers: {} }));
    return { status: 200, body };
  };
  const inspect = async (call: Call) => {
    const id = call.params['id'] ?? '';
    const scope = call.query.get('scope') ?? '';
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
      handle: async (call) => ({ status: 201, body: await networks.create(await readBody(call, CreateBody)) }),
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
        const { Container: container, EndpointConfig: endpoint = {} } = await readBody(call, ConnectBody);
        await containers.connect(named(container), call.params['id'] ?? '', endpoint);
        return { status: 200 };
      },
    },
    {
      method: 'POST',
      path: '/networks/{id}/disconnect',
      handle: async (call) => {
        const { Container: container, Force: force = false } = await readBody(call, DisconnectBody);
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
