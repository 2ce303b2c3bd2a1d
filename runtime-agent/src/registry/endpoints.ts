/** Where a repository may be found: mirrors first, then the registry itself. */
import { isIP } from 'node:net';
import { DEFAULT_DOMAIN } from '#model/oci/reference.ts';

export interface Endpoint {
  /** Origin and path prefix without the slash at the end: `https://registry-1.docker.io`. */
  readonly base: string;
  /** Its certificate is not verified. */
  readonly insecure: boolean;
  /** Tried when the first does not speak TLS. */
  readonly plainBase?: string;
  readonly mirror: boolean;
}

export interface EndpointOptions {
  readonly registryMirrors: readonly string[];
  readonly insecureRegistries: readonly string[];
}

const DOCKER_HUB = 'registry-1.docker.io';

/** In the order in which they are tried for pulling; pushes go to the last one. */
export function endpointsOf(domain: string, options: EndpointOptions): readonly Endpoint[] {
  if (domain !== DEFAULT_DOMAIN) return [endpoint(domain, options.insecureRegistries)];
  const mirrors = options.registryMirrors.map((text): Endpoint => {
    const url = new URL(text);
    const base = text.replace(/\/+$/, '');
    return { base, insecure: isInsecure(url.host, options.insecureRegistries), mirror: true };
  });
  return [...mirrors, { base: `https://${DOCKER_HUB}`, insecure: false, mirror: false }];
}

function endpoint(host: string, insecureRegistries: readonly string[]): Endpoint {
  const base = `https://${host}`;
  if (!isInsecure(host, insecureRegistries)) return { base, insecure: false, mirror: false };
  return { base, plainBase: `http://${host}`, insecure: true, mirror: false };
}

/** Loopback addresses are, as in Docker; besides them those configured as host, host:port or IPv4 CIDR. */
export function isInsecure(host: string, insecureRegistries: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (name === 'localhost' || name === '::1' || /^127(\.\d+){3}$/.test(name)) return true;
  return insecureRegistries.some((entry) => entry === host || entry === name || inCidr(name, entry));
}

function inCidr(address: string, cidr: string): boolean {
  const [network = '', bits] = cidr.split('/');
  if (bits === undefined || isIP(address) !== 4 || isIP(network) !== 4) return false;
  const number = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(address) / size) === Math.floor(number(network) / size);
}
