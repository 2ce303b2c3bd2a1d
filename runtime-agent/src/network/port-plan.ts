/** Which ports of the host a container wants, from its PortBindings and ExposedPorts; pure. */
import { isIP } from 'node:net';
import { EngineError } from '#model/engine-api/errors.ts';
import type { PortBinding } from '#model/engine-api/types.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface PortWish {
  readonly protocol: Protocol;
  readonly containerPort: number;
  /** One or two addresses that get the same port: `0.0.0.0` and `::` when nothing was said. */
  readonly hostIps: readonly string[];
  /** First and last port to try; 0 and 0 for any free one. */
  readonly firstPort: number;
  readonly lastPort: number;
}

export interface PortsInput {
  readonly exposedPorts: readonly string[];
  readonly portBindings: Readonly<Record<string, readonly PortBinding[] | null>>;
  readonly publishAllPorts: boolean;
}

const ANY_ADDRESS = ['0.0.0.0', '::'];

/** @param defaultAddress the network's host_binding_ipv4, if it has one */
export function planPorts(input: PortsInput, defaultAddress: string | undefined): PortWish[] {
  const anywhere = defaultAddress === undefined || defaultAddress === '0.0.0.0' ? ANY_ADDRESS : [defaultAddress];
  const wishes = Object.entries(input.portBindings).flatMap(([spec, bindings]) => {
    const port = parsePort(spec);
    return (bindings ?? []).map((binding) => wish(port, binding, anywhere));
  });
  const bound = new Set(wishes.map(({ protocol, containerPort }) => `${containerPort}/${protocol}`));
  const rest = input.publishAllPorts ? allPorts(input).filter((spec) => isPort(spec) && !bound.has(spec)) : [];
  // Fixed ports first: an arbitrary one must not take what another binding names.
  return [...wishes, ...rest.map((spec) => wish(parsePort(spec), {}, anywhere))].sort(
    (a, b) => Number(a.firstPort === 0) - Number(b.firstPort === 0),
  );
}

/**
 * All ports that inspect lists: exposed and bound ones, as `80/tcp`. Images say that they expose what is no port, such as
 * `8000-8010/tcp`: Docker shows what there is of it, `0/tcp`, and so the container starts here too.
 */
export function allPorts(input: PortsInput): string[] {
  const specs = [...input.exposedPorts, ...Object.keys(input.portBindings)].map((spec) => {
    const [port = '', protocol = 'tcp'] = spec.toLowerCase().split('/');
    return `${numberOf(port) ?? 0}/${port !== '' && isProtocol(protocol) ? protocol : 0}`;
  });
  return [...new Set(specs)].sort();
}

type Port = Pick<PortWish, 'containerPort' | 'protocol'>;

function wish(port: Port, { HostIp: hostIp = '', HostPort: hostPort = '' }: PortBinding, any: string[]): PortWish {
  const address = hostIp.replace(/^\[(.*)\]$/, '$1');
  if (address !== '' && isIP(address) === 0) throw new EngineError('invalid', `invalid IP address: ${hostIp}`);
  const range = /^(?:(\d{1,5})(?:-(\d{1,5}))?)?$/.exec(hostPort);
  const firstPort = Number(range?.[1] ?? 0);
  const lastPort = Number(range?.[2] ?? firstPort);
  if (range === null || lastPort > 65_535 || firstPort > lastPort) {
    throw new EngineError('invalid', `invalid port specification: "${hostPort}"`);
  }
  return { ...port, hostIps: address === '' ? any : [address], firstPort, lastPort };
}

function parsePort(spec: string): Port {
  const [port = '', protocol = 'tcp'] = spec.toLowerCase().split('/');
  const containerPort = numberOf(port);
  if (containerPort === undefined) throw new EngineError('invalid', `invalid port specification: "${port}"`);
  if (!isProtocol(protocol)) {
    throw new EngineError('invalid', `invalid port specification: "${spec}": unknown protocol ${protocol}`);
  }
  return { containerPort, protocol };
}

function numberOf(port: string): number | undefined {
  const number = Number(port);
  return /^\d+$/.test(port) && number >= 1 && number <= 65_535 ? number : undefined;
}

const isProtocol = (name: string): name is Protocol => name === 'tcp' || name === 'udp' || name === 'sctp';

/** Of {@link allPorts}: one that can be published. */
const isPort = (shown: string): boolean => !/^0\/|\/0$/.test(shown);
