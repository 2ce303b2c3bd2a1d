/** What the engine's resolver knows: the names of containers on the networks that the asking one shares with them. */
import { formatAddress, parseAddress } from '../address.ts';
import { dnsNames, isUserDefined, type SandboxState } from '../sandbox-state.ts';

export interface Zone {
  /** All addresses of the name, IPv4 and IPv6; undefined when no container has it. */
  lookup(name: string): readonly string[] | undefined;
  /** `container.network` for an address, undefined when it is no container's. */
  reverse(address: string): string | undefined;
}

export function zoneFor(asking: SandboxState, states: Iterable<SandboxState>): Zone {
  const shared = asking.endpoints.filter(({ network }) => isUserDefined(network));
  const all = [...states];
  return {
    lookup(name) {
      const wanted = name.toLowerCase().replace(/\.$/, '');
      for (const { network, wishes } of shared) {
        const suffix = `.${network.name.toLowerCase()}`;
        const short = wanted.endsWith(suffix) ? wanted.slice(0, -suffix.length) : wanted;
        const targets = new Set([short, ...linkedTo(wishes.Links ?? [], short)]);
        const found = all.flatMap((state) => addressesOf(state, network.id, targets));
        if (found.length > 0) return found;
      }
      return undefined;
    },
    reverse(text) {
      const parsed = parseAddress(text);
      if (parsed === undefined) return undefined;
      const address = formatAddress(parsed);
      for (const { network } of shared) {
        const owner = all.find(({ endpoints }) =>
          endpoints.some(
            ({ network: { id }, ipv4, ipv6 }) =>
              id === network.id && (ipv4?.address === address || ipv6?.address === address),
          ),
        );
        if (owner !== undefined) return `${owner.request.containerName}.${network.name}`;
      }
      return undefined;
    },
  };
}

/** `container:alias` links give another container a name that only the linking one knows. */
function linkedTo(links: readonly string[], alias: string): string[] {
  return links
    .map((link) => link.replace(/^\//, '').split(':'))
    .filter(([target = '', name = target]) => name.toLowerCase() === alias)
    .map(([target = '']) => target.toLowerCase());
}

function addressesOf(state: SandboxState, networkId: string, names: ReadonlySet<string>): string[] {
  return state.endpoints
    .filter(({ network }) => network.id === networkId)
    .filter(({ wishes }) => dnsNames(state, wishes).some((name) => names.has(name.toLowerCase())))
    .flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((one) => one?.address ?? []));
}
