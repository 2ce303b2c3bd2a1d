/** Published ports of sandboxes: the reservation on the host and the firewall's redirection, kept in step. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Firewall } from './firewall.ts';
import { type FirewallPort, renderPorts } from './firewall-ruleset.ts';
import { planPorts } from './port-plan.ts';
import type { PortReservations, PublishedPort, TargetOf } from './port-reservations.ts';
import { firewallPorts, gatewayEndpoint, hostBinding, type SandboxState } from './sandbox-state.ts';

export interface SandboxPorts {
  /** Reserves what the container publishes; nothing without a way out. Throws in Docker's words. */
  reserve(state: SandboxState): Promise<readonly PublishedPort[]>;
  /** Makes the firewall lead the state's ports to its present endpoints. */
  redirect(state: SandboxState): Promise<void>;
  /** Undoes both. */
  release(containerId: string): Promise<void>;
  /** After a restart: reserves again, and says what the firewall must have. */
  retake(state: SandboxState): Promise<readonly FirewallPort[]>;
}

interface SandboxPortsDeps {
  readonly firewall: Firewall;
  readonly table: string;
  readonly reservations: PortReservations;
  readonly targetFor: (containerId: string) => TargetOf;
}

export function createSandboxPorts({ firewall, table, reservations, targetFor }: SandboxPortsDeps): SandboxPorts {
  const redirected = new Map<string, readonly FirewallPort[]>();

  async function change(containerId: string, wanted: readonly FirewallPort[]): Promise<void> {
    const present = redirected.get(containerId) ?? [];
    if (JSON.stringify(present) === JSON.stringify(wanted)) return;
    const script = [renderPorts(table, 'delete', present), renderPorts(table, 'add', wanted)].join('\n');
    await firewall.apply(script);
    if (wanted.length === 0) redirected.delete(containerId);
    else redirected.set(containerId, wanted);
  }

  return {
    async reserve(state) {
      const { request, endpoints } = state;
      const endpoint = gatewayEndpoint(endpoints, 4) ?? gatewayEndpoint(endpoints, 6);
      const wishes = endpoint === undefined ? [] : planPorts(request, hostBinding(endpoints));
      if (endpoint === undefined || wishes.length === 0) return [];
      try {
        return await reservations.take(request.containerId, wishes, targetFor(request.containerId));
      } catch (error) {
        const where = `on endpoint ${request.containerName} (${endpoint.endpointId})`;
        const text = `driver failed programming external connectivity ${where}: ${messageOf(error)}`;
        throw new EngineError(error instanceof EngineError ? error.code : 'internal', text, { cause: error });
      }
    },
    redirect: (state) => change(state.request.containerId, firewallPorts(state)),
    async release(containerId) {
      await Promise.all([change(containerId, []), reservations.release(containerId)]);
    },
    async retake(state) {
      const { containerId } = state.request;
      // Ports that somebody took meanwhile stay redirected: the container's clients know them.
      await reservations.retake(containerId, state.ports, targetFor(containerId));
      const wanted = firewallPorts(state);
      redirected.set(containerId, wanted);
      return wanted;
    },
  };
}
