/** Tunnels to ports of containers that a person has opened: one for each port, kept for the next time. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { containerPortDialer } from './container-port.ts';
import { type LocalTunnel, openTunnel } from './local-tunnel.ts';

export interface PortTunnels extends AsyncDisposable {
  /** @returns the port of this machine that leads to the container's; the same number when that is free */
  to(hostId: string, container: string, port: number): Promise<number>;
}

/** @param connection of a host now; undefined while it is not connected */
export function portTunnels(
  connection: (hostId: string) => EngineConnection | undefined,
  log: (line: string) => void,
): PortTunnels {
  const open = new Map<string, Promise<LocalTunnel>>();
  const start = async (hostId: string, container: string, port: number): Promise<LocalTunnel> => {
    const live = (): EngineConnection => {
      const found = connection(hostId);
      if (found === undefined) throw new EngineError('unavailable', 'The host of the container is not connected.');
      return found;
    };
    const dial = await containerPortDialer(live, { container, port });
    const onError = (message: string): void => log(`port ${port} of ${container.slice(0, 12)}: ${message}`);
    return await openTunnel({ dial, wantedPort: port, onError });
  };
  return {
    async to(hostId, container, port) {
      const key = `${hostId}\0${container}\0${port}`;
      const tunnel = open.get(key) ?? start(hostId, container, port);
      open.set(key, tunnel);
      tunnel.catch(() => open.delete(key));
      return (await tunnel).port;
    },
    async [Symbol.asyncDispose]() {
      const all = [...open.values()];
      open.clear();
      for (const tunnel of await Promise.allSettled(all)) {
        if (tunnel.status === 'fulfilled') await tunnel.value[Symbol.asyncDispose]();
      }
    },
  };
}
