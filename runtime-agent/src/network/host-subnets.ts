/** Subnets the host itself knows (routes and addresses, also those of other engines' bridges): no network may overlap. */
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { parseCidr, type Subnet, subnetOf } from './address.ts';

/**
 * Reads the main routing tables and the interfaces' addresses. Default routes and multicast do not count.
 * @param without interfaces that are left out
 */
export async function hostSubnets(without: readonly string[] = []): Promise<Subnet[]> {
  const [ipv4, ipv6] = await Promise.all(
    ['/proc/net/route', '/proc/net/ipv6_route'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  const skipped = new Set(without);
  const addresses = Object.entries(networkInterfaces())
    .flatMap(([name, list]) => (skipped.has(name) ? [] : (list ?? [])))
    .flatMap(({ cidr }) => (cidr === null ? [] : (parseCidr(cidr)?.subnet ?? [])));
  return [...parseRoutes(ipv4 ?? '', skipped), ...parseIpv6Routes(ipv6 ?? '', skipped), ...addresses];
}

const NONE: ReadonlySet<string> = new Set();
const USUAL_MTU = 1500;

/** The host's way out may take less than Ethernet's 1500 bytes (a tunnel, a cloud): containers should not send more. */
export async function hostMtu(): Promise<number> {
  const routes = await readFile('/proc/net/route', 'utf8').catch(() => '');
  const link = defaultLink(routes);
  if (link === undefined) return USUAL_MTU;
  const mtu = Number(await readFile(`/sys/class/net/${link}/mtu`, 'utf8').catch(() => ''));
  // 1280: no IPv6 network may have less (RFC 8200 5).
  return mtu >= 1280 && mtu < USUAL_MTU ? mtu : USUAL_MTU;
}

/** Interface of the default route in /proc/net/route. */
export function defaultLink(routes: string): string | undefined {
  const found = routes.split('\n').map((line) => line.split('\t'));
  return found.find(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')?.[0];
}

/** /proc/net/route: addresses are hexadecimal in host byte order (little endian on all that we run on). */
export function parseRoutes(text: string, without: ReadonlySet<string> = NONE): Subnet[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length > 7 && !without.has(fields[0] ?? ''))
    .map((fields) => {
      const bits = bitCount(swapped(fields[7] ?? ''));
      return subnetOf({ family: 4, value: swapped(fields[1] ?? '') }, bits);
    })
    .filter(({ bits }) => bits > 0);
}

/**
 * /proc/net/ipv6_route: destination and prefix length, both hexadecimal. The host's own addresses are there too, on
 * older kernels as routes of `lo`: they are known from the interfaces.
 */
export function parseIpv6Routes(text: string, without: ReadonlySet<string> = NONE): Subnet[] {
  return text
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields.length >= 10 && fields[9] !== 'lo' && !without.has(fields[9] ?? ''))
    .map(([destination = '0', bits = '0']) =>
      subnetOf({ family: 6, value: BigInt(`0x${destination}`) }, Number.parseInt(bits, 16)),
    )
    .filter(({ base, bits }) => bits > 0 && base >> 120n !== 0xffn);
}

function swapped(hex: string): bigint {
  return BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex') || '0'}`);
}

function bitCount(mask: bigint): number {
  return [...mask.toString(2)].filter((digit) => digit === '1').length;
}
