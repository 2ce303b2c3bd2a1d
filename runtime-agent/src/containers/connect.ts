/** `POST /networks/{id}/connect` and `disconnect`: a container's networks change while it runs, and while it does not. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import { type Container, isRunning } from './container.ts';
import type { ContainerContext } from './context.ts';
import { withNetworkFiles } from './network-files.ts';
import { sandboxRequest } from './sandbox-request.ts';

/** The key under which the container has the network: it may be named by name or by id. */
function endpointKey(
  context: ContainerContext,
  endpoints: Readonly<Record<string, EndpointSettings>>,
  nameOrId: string,
): string | undefined {
  const { Id, Name } = context.networks.inspect(nameOrId);
  return Object.keys(endpoints).find((key) => key === Name || key === Id || key === nameOrId);
}

export async function connectContainer(
  context: ContainerContext,
  reference: string,
  network: string,
  endpoint: EndpointSettings,
): Promise<void> {
  const container = context.store.find(reference);
  const name = context.networks.inspect(network).Name ?? network;
  await container.lock.run(async () => {
    const { record } = container;
    context.networks.checkConnect(network, sandboxRequest(record), endpoint);
    const endpoints = { ...record.endpoints, [name]: endpoint };
    if (!isRunning(container)) {
      if (endpointKey(context, record.endpoints, network) !== undefined) {
        const text = `endpoint with name ${record.name} already exists in network ${name}`;
        throw new EngineError('forbidden', text);
      }
      context.store.save(container, { endpoints });
      return;
    }
    const settings = await withNetworkFiles(context, container.id, () =>
      context.networks.connect(network, container.id, endpoint),
    );
    context.store.save(container, { endpoints, network: settings });
  });
}

/** With force Docker looks for the container among those of the network when there is none of that name. */
function findEndpoint(context: ContainerContext, reference: string, network: string): Container {
  context.networks.inspect(network);
  try {
    return context.store.find(reference);
  } catch (cause) {
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
    const key = endpointKey(context, container.record.endpoints, network);
    const { [key ?? network]: _left, ...endpoints } = container.record.endpoints;
    if (isRunning(container)) {
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
