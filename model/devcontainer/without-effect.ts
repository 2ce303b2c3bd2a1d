/** What devcontainer.json may hold and Slipway does not act on: it is said, so that nobody waits for it. */
import { getNodeValue, type Node } from 'jsonc-parser';

const SAID: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  shutdownAction: (value) =>
    value === 'none'
      ? undefined
      : 'shutdownAction has no effect: the container lives on when its editor is closed; "Slipway: Stop Dev Container" stops it',
  hostRequirements: () => 'hostRequirements has no effect: the host is not checked for them',
  otherPortsAttributes: () => 'otherPortsAttributes has no effect: only the ports in forwardPorts are forwarded',
  secrets: () =>
    'secrets has no effect: they are not asked for; "remoteEnv" with ${localEnv:NAME} takes them from here',
  portsAttributes: (value) =>
    Object.values(Object(value) as Record<string, unknown>).some(opens)
      ? 'onAutoForward has no effect: the log has the addresses of forwarded ports'
      : undefined,
};

function opens(attributes: unknown): boolean {
  const action: unknown = Object(attributes).onAutoForward;
  return typeof action === 'string' && action.startsWith('open');
}

/** @returns undefined when the property is acted on */
export function withoutEffect(name: string, value: Node): string | undefined {
  return Object.hasOwn(SAID, name) ? SAID[name]?.(getNodeValue(value)) : undefined;
}
