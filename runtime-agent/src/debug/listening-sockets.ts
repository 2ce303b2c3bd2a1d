/** Listening TCP sockets of a network namespace, from /proc/PID/net/tcp and tcp6 (proc_pid_net(5)). */
import { readFile } from 'node:fs/promises';

export interface ListeningSocket {
  /** IPv4 dotted, IPv6 compressed. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

const LISTEN = '0A';

/** @param proc of a process in the namespace, e.g. `/proc/4711` */
export async function listeningSockets(proc: string): Promise<ListeningSocket[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map(async (name) => await readFile(`${proc}/net/${name}`, 'latin1').catch(() => '')),
  );
  return tables.flatMap(parseSocketTable);
}

export function parseSocketTable(text: string): ListeningSocket[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [address, port] = (fields[1] ?? '').split(':');
      const inode = fields[9];
      if (fields[3] !== LISTEN || address === undefined || port === undefined || inode === undefined) return [];
      return [{ address: parseAddress(address), port: Number.parseInt(port, 16), inode }];
    });
}

/** The kernel prints each 32-bit word of the address in the byte order of the machine: little-endian here. */
function parseAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** Where to connect to reach the port: loopback if the listener takes that, its own address otherwise. */
export function reachableAddress(sockets: readonly ListeningSocket[], port: number): string | undefined {
  const addresses = sockets.filter((socket) => socket.port === port).map(({ address }) => address);
  if (addresses.includes('0.0.0.0') || addresses.some((address) => address.startsWith('127.'))) {
    return addresses.find((address) => address.startsWith('127.')) ?? '127.0.0.1';
  }
  // a wildcard of IPv6 may or may not take IPv4: its own loopback always works
  if (addresses.includes('::') || addresses.includes('::1')) return '::1';
  return addresses[0];
}
