/** `POST /networks/{id}/connect` and `disconnect`: a container's networks change while it runs, and while it does not. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import { dnsNames } from '../network/sandbox-state.ts';
import { type Container, isRunning } from './container.ts';
import type { ContainerContext } from './context.ts';
import { withNetworkFiles } from './network-files.ts';
import { sandboxRequest } from './sandbox-request.ts';

/** The network's name; undefined when there is none: a container that does not run may wait for it. */
function networkName(context: ContainerContext, nameOrId: string): string | undefined {
  try {
    return context.networks.inspect(nameOrId).Name ?? nameOrId;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** The key under which the container has the network: it may be named by name or by id. */
function endpointKey(context: ContainerContext, { record }: Container, nameOrId: string): string | undefined {
  const names = [nameOrId];
  if (networkName(context, nameOrId) !== undefined) {
    const { Id = nameOrId, Name = nameOrId } = context.networks.inspect(nameOrId);
    names.push(Id, Name);
  }
  return Object.keys(record.endpoints).find((key) => names.includes(key));
}

export async function connectContainer(
  context: ContainerContext,
  reference: string,
  network: string,
  endpoint: EndpointSettings,
): Promise<void> {
  const container = context.store.find(reference);
  await container.lock.run(async () => {
    const { record } = container;
    const known = networkName(context, network);
    if (known === undefined && !isRunning(container)) {
      context.store.save(container, { endpoints: { ...record.endpoints, [network]: endpoint } });
      return;
    }
    // Docker takes it and changes nothing: it will join at its start, as was asked for at first.
    if (!isRunning(container) && endpointKey(context, container, network) !== undefined) return;
    const name = known ?? network;
    const request = sandboxRequest(record);
    context.networks.checkConnect(network, request, endpoint);
    if (!isRunning(container)) {
      // Shown already, other than the names on networks that it was made with.
      const shown = name === 'bridge' ? endpoint : { ...endpoint, DNSNames: dnsNames({ request }, endpoint) };
      context.store.save(container, { endpoints: { ...record.endpoints, [name]: shown } });
      return;
    }
    const settings = await withNetworkFiles(context, container.id, () =>
      context.networks.connect(network, container.id, endpoint),
    );
    context.store.save(container, { endpoints: { ...record.endpoints, [name]: endpoint }, network: settings });
  });
}

/** With force Docker looks for the container among those of the network when there is none of that name. */
function findEndpoint(context: ContainerContext, reference: string, network: string): Container {
  try {
    return context.store.find(reference);
  } catch (cause) {
    context.networks.inspect(network);
    throw new EngineError('not-found', `endpoint ${reference} not found`, { cause });
  }
}

export async function disconnectContainer(
  context: ContainerContext,
  reference: string,
  network: string,
  force: boolean,
): Promise<void> {
  const container = force ? findEndpoint(context, reference, network) : context.store.find(reference);
  await container.lock.run(async () => {
    const key = endpointKey(context, container, network);
    const { [key ?? network]: _left, ...endpoints } = container.record.endpoints;
    const isGone = force && networkName(context, network) === undefined;
    if (isRunning(container) && !isGone) {
      const settings = await withNetworkFiles(context, container.id, () =>
        context.networks.disconnect(network, container.id),
      );
      context.store.save(container, { endpoints, network: settings });
      return;
    }
    if (key === undefined) {
      const text = `container ${container.id} is not connected to the network ${network}`;
      throw new EngineError('internal', text);
    }
    context.store.save(container, { endpoints });
  });
}
