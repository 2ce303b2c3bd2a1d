/** The engine's DNS for user-defined networks: containers' names here, everything else from other nameservers. */
import { readFile } from 'node:fs/promises';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { isUserDefined, type SandboxState } from '../sandbox-state.ts';
import type { NetworkRecord } from '../network-record.ts';
import { overrideResolver, parseResolvConf } from '../resolv-conf.ts';
import type { ResolverTarget } from '../resolver-rules.ts';
import { answer } from './answer.ts';
import { exchangeTcp, exchangeUdp, forward } from './forward.ts';
import { type Listener, listen, type Transport } from './server.ts';
import { zoneFor } from './zone.ts';

export interface Resolver extends AsyncDisposable {
  /** Listens on the network's gateway, once. Throws EngineError('internal'). */
  on(network: NetworkRecord): Promise<ResolverTarget>;
  off(networkId: string): Promise<void>;
}

const HOST_RESOLV_CONF = '/etc/resolv.conf';
const DNS_PORT = 53;

/** @param letThrough told where queries of a bridge will go, before any is asked for */
export function createResolver(
  states: ReadonlyMap<string, SandboxState>,
  letThrough: (bridge: string, target: ResolverTarget) => Promise<void>,
): Resolver {
  const listeners = new Map<string, Promise<Listener>>();
  const ending = new AbortController();
  let turn = 0;

  async function respond(network: NetworkRecord, message: Buffer, peer: string, transport: Transport) {
    const asking = askingOne(states.values(), network.id, peer);
    if (asking === undefined) return undefined; // not a container of this network: none of its business
    const own = answer(message, zoneFor(asking, states.values()), { transport, turn: turn++ });
    if (own !== 'forward') return own;
    const servers = await upstreams(asking);
    return forward(message, servers, transport === 'udp' ? exchangeUdp : exchangeTcp, ending.signal);
  }

  async function start(network: NetworkRecord, address: string): Promise<Listener> {
    // Without IPv4 there is no redirection: the container's resolv.conf names the gateway, and so port 53.
    const wished = address.includes(':') ? DNS_PORT : 0;
    const listener = await listen(address, wished, (message, peer, transport) =>
      respond(network, message, peer, transport),
    );
    await letThrough(network.bridge, { address, port: listener.port });
    return listener;
  }

  return {
    async on(network) {
      const address = network.subnets[0]?.gateway ?? '';
      const started = listeners.get(network.id) ?? start(network, address);
      listeners.set(network.id, started);
      try {
        return { address, port: (await started).port };
      } catch (error) {
        listeners.delete(network.id);
        const text = `cannot listen for name queries on ${address} (network ${network.name}): ${messageOf(error)}`;
        throw new EngineError('internal', text, { cause: error });
      }
    },
    async off(networkId) {
      const listener = listeners.get(networkId);
      listeners.delete(networkId);
      await (await listener?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await Promise.all([...listeners.keys()].map((id) => this.off(id)));
    },
  };
}

function askingOne(states: Iterable<SandboxState>, networkId: string, peer: string): SandboxState | undefined {
  for (const state of states) {
    const own = state.endpoints.some(
      ({ network, ipv4, ipv6 }) => network.id === networkId && (ipv4?.address === peer || ipv6?.address === peer),
    );
    if (own) return state;
  }
  return undefined;
}

/** The container's own nameservers or the host's; none for a container that has only internal networks. */
async function upstreams({ request, endpoints }: SandboxState): Promise<readonly string[]> {
  if (endpoints.every(({ network }) => network.internal && isUserDefined(network))) return [];
  const host = parseResolvConf(await readFile(HOST_RESOLV_CONF, 'utf8').catch(() => ''));
  return overrideResolver(host, request).nameservers;
}
