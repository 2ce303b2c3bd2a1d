/** Which networks a container may have, in Docker's words; pure. */
import { isIP } from 'node:net';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import { checkEndpoint } from './endpoint-plan.ts';
import { parseExtraHost } from './hosts-file.ts';
import type { NetworkRecord } from './network-record.ts';
import type { NetworkStore } from './network-store.ts';
import type { SandboxRequest } from './networks.ts';
import { planPorts } from './port-plan.ts';

/** When a container is created. A network that does not exist is no error yet: it may come before the start. */
export function checkRequest(request: SandboxRequest, store: Pick<NetworkStore, 'has' | 'find'>): void {
  for (const entry of request.extraHosts) {
    const at = entry.indexOf(':');
    if (at <= 0) throw new EngineError('invalid', `bad format for add-host: "${entry}"`);
    const [name, address] = [entry.slice(0, at), entry.slice(at + 1)];
    if (/[\r\n]/.test(name)) throw new EngineError('invalid', `invalid host name in add-host: ${JSON.stringify(name)}`);
    const parsed = parseExtraHost(entry);
    if (parsed === undefined || (address !== 'host-gateway' && isIP(address) === 0)) {
      throw new EngineError('invalid', `invalid IP address in add-host: "${address}"`);
    }
  }
  planPorts(request, undefined);
  if (request.mode.startsWith('container:')) return;
  for (const [name, wishes] of Object.entries(request.endpoints)) {
    if (wishes === null) throw new EngineError('invalid', `invalid config for network ${name}: EndpointsConfig is nil`);
    if (store.has(name)) checkEndpoint(store.find(name), wishes, `invalid config for network ${name}: `);
  }
}

const PRIVATE = 'container cannot be connected to multiple networks with one of the networks in private (none) mode';
const SHARED =
  'container sharing network namespace with another container or host cannot be connected to any other network';

/** @param joined ids of the networks that the container has */
export function checkConnect(
  request: Pick<SandboxRequest, 'mode' | 'containerName'>,
  network: NetworkRecord,
  wishes: EndpointSettings,
  joined: readonly string[],
): void {
  if (network.driver === 'host') {
    const text = 'cannot connect container to host network - container must be created in host network mode';
    throw new EngineError('invalid', text);
  }
  if (request.mode === 'host' || request.mode.startsWith('container:')) throw new EngineError('invalid', SHARED);
  if (network.driver === 'null' || request.mode === 'none') throw new EngineError('invalid', PRIVATE);
  checkEndpoint(network, wishes);
  if (joined.includes(network.id)) {
    const text = `endpoint with name ${request.containerName} already exists in network ${network.name}`;
    throw new EngineError('forbidden', text);
  }
}

export function checkDisconnect(network: NetworkRecord): void {
  if (network.driver !== 'host') return;
  const text = 'cannot disconnect container from host network - container was created in host network mode';
  throw new EngineError('invalid', text);
}
