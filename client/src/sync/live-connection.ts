import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { HostList } from '../hosts/host-list.ts';

/** The host's connection: the present one, or the next while it is being got back. Throws when nobody is at that. */
export async function liveConnection(
  hosts: Pick<HostList, 'get' | 'onChange'>,
  id: string,
  signal: AbortSignal,
): Promise<EngineConnection> {
  const { promise, resolve, reject } = Promise.withResolvers<EngineConnection>();
  const look = (): void => {
    const host = hosts.get(id);
    switch (host?.state.kind) {
      case 'connected':
        return resolve(host.state.connection);
      case 'connecting':
      case 'lost':
        return;
      case 'disconnected':
      case 'failed':
      case undefined:
        return reject(new EngineError('unavailable', `${host?.label ?? id} is not connected.`));
    }
  };
  const stop = hosts.onChange(look);
  const abort = (): void => reject(new EngineError('cancelled', 'Cancelled.'));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  look();
  try {
    return await promise;
  } finally {
    stop();
    signal.removeEventListener('abort', abort);
  }
}
