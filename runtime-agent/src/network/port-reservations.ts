/**
 * Ports of the host that containers publish. The engine holds a listening socket for each: nobody else can take the
 * port, and what the firewall does not redirect (`[::1]`, IPv6 to a container without it) is carried by it.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { EngineError } from '#model/engine-api/errors.ts';
import type { PortWish, Protocol } from './port-plan.ts';
import { proxyTcp, proxyUdp, type Target } from './port-proxy.ts';

export interface PublishedPort {
  readonly protocol: Protocol;
  readonly containerPort: number;
  readonly hostIp: string;
  readonly hostPort: number;
}

/** Where a published port leads now: it changes when networks are connected and disconnected. */
export type TargetOf = (port: PublishedPort) => Target | undefined;

export interface PortReservations extends AsyncDisposable {
  /**
   * Takes ports for all wishes, or none. `target` is asked at each connection that comes to the engine.
   * Throws EngineError('internal') in Docker's words when a port is taken.
   */
  take(owner: string, wishes: readonly PortWish[], target: TargetOf): Promise<PublishedPort[]>;
  /** Takes ports of a running container over from an earlier engine; those that are gone to others are given back. */
  retake(owner: string, ports: readonly PublishedPort[], target: TargetOf): Promise<readonly PublishedPort[]>;
  release(owner: string): Promise<void>;
}

interface Held {
  readonly owner: string;
  readonly port: PublishedPort;
  readonly close: () => Promise<void>;
}

export function createPortReservations(): PortReservations {
  const held = new Set<Held>();
  const given = { last: 0 };

  const bind = async (owner: string, port: PublishedPort, target: TargetOf): Promise<Held> => {
    if ([...held].some((other) => collide(other.port, port))) throw new Taken(port, 'allocated');
    // Entered before the socket is there: two containers that start at once see each other.
    const close = listen(port, () => target(port));
    const entry: Held = { owner, port, close: () => close.then((end) => end()) };
    held.add(entry);
    try {
      await close;
      return entry;
    } catch (error) {
      held.delete(entry);
      throw error;
    }
  };

  async function drop(entries: readonly Held[]): Promise<void> {
    for (const entry of entries) held.delete(entry);
    await Promise.all(entries.map(({ close }) => close().catch(() => {})));
  }

  return {
    async take(owner, wishes, target) {
      const taken: Held[] = [];
      try {
        for (const wish of wishes) {
          taken.push(...(await takeOne(wish, { bind: (port) => bind(owner, port, target), drop, target, given })));
        }
      } catch (error) {
        await drop(taken);
        throw error;
      }
      return taken.map(({ port }) => port);
    },
    async retake(owner, ports, target) {
      const results = await Promise.allSettled(ports.map((port) => bind(owner, port, target)));
      return ports.filter((_, i) => results[i]?.status === 'rejected');
    },
    release: (owner) => drop([...held].filter((entry) => entry.owner === owner)),
    [Symbol.asyncDispose]: () => drop([...held]),
  };
}

/** A port that this engine or somebody else has. */
class Taken extends Error {
  readonly port: PublishedPort;
  readonly reason: 'allocated' | 'in use';
  constructor(port: PublishedPort, reason: 'allocated' | 'in use') {
    super(reason);
    this.port = port;
    this.reason = reason;
  }
}

interface TakeDeps {
  readonly bind: (port: PublishedPort) => Promise<Held>;
  readonly drop: (held: readonly Held[]) => Promise<void>;
  readonly target: TargetOf;
  /** The arbitrary port that was given last. */
  readonly given: { last: number };
}

async function takeOne(wish: PortWish, { bind, drop, target, given }: TakeDeps): Promise<Held[]> {
  let last: unknown;
  for (const hostPort of candidates(wish, given)) {
    const taken: Held[] = [];
    try {
      for (const hostIp of wish.hostIps) {
        const { protocol, containerPort } = wish;
        const one = await bind({ protocol, containerPort, hostIp, hostPort }).catch((error: unknown) => {
          // A host without IPv6: `::` was our own idea.
          if (hostIp === '::' && taken.length > 0 && isMissingFamily(error)) return undefined;
          throw error;
        });
        if (one !== undefined) taken.push(one);
      }
      return taken;
    } catch (error) {
      await drop(taken);
      last = error;
      if (!(error instanceof Taken)) break;
    }
  }
  throw refusal(wish, last, target);
}

function isMissingFamily(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
}

/** Any port: from the one after that which was given last, so that a port that was just freed rests. */
function* candidates({ firstPort, lastPort }: PortWish, given: { last: number }): Generator<number> {
  if (firstPort !== 0) {
    for (let port = firstPort; port <= lastPort; port++) yield port;
    return;
  }
  const [first, last] = ephemeralRange();
  const start = given.last >= first && given.last < last ? given.last + 1 : first;
  for (let i = 0; i <= last - first; i++) {
    given.last = first + ((start - first + i) % (last - first + 1));
    yield given.last;
  }
}

function ephemeralRange(): [number, number] {
  try {
    const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number);
    return [first ?? 32_768, last ?? 60_999];
  } catch {
    return [32_768, 60_999];
  }
}

/** Docker's words. */
function refusal(wish: PortWish, cause: unknown, target: TargetOf): EngineError {
  const { protocol, containerPort, hostIps, firstPort, lastPort } = wish;
  if (cause instanceof Taken && cause.reason === 'allocated') {
    const message = `Bind for ${join(cause.port.hostIp, cause.port.hostPort)} failed: port is already allocated`;
    return new EngineError('internal', message, { cause });
  }
  const { code, message } = cause as NodeJS.ErrnoException;
  const hostIp = cause instanceof Taken ? cause.port.hostIp : (hostIps[0] ?? '');
  const why = cause instanceof Taken ? 'address already in use' : (WORDS[code ?? ''] ?? message);
  const range = firstPort === lastPort ? String(firstPort) : `${firstPort}-${lastPort}`;
  const to = target({ protocol, containerPort, hostIp, hostPort: firstPort })?.address ?? '';
  const text = `failed to bind host port for ${join(hostIp, range)}:${join(to, containerPort)}/${protocol}: ${why}`;
  return new EngineError('internal', text, { cause });
}

const WORDS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
  EAFNOSUPPORT: 'address family not supported by protocol',
};
function join(ip: string, port: number | string): string {
  return isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function collide(a: PublishedPort, b: PublishedPort): boolean {
  if (a.protocol !== b.protocol || a.hostPort !== b.hostPort || isIPv6(a.hostIp) !== isIPv6(b.hostIp)) return false;
  const wild = (ip: string): boolean => ip === '0.0.0.0' || ip === '::';
  return a.hostIp === b.hostIp || wild(a.hostIp) || wild(b.hostIp);
}

/** @returns the function that gives the port back */
async function listen(port: PublishedPort, target: () => Target | undefined): Promise<() => Promise<void>> {
  try {
    if (port.protocol === 'tcp') return await listenTcp(port, target);
    if (port.protocol === 'udp') return await listenUdp(port, target);
    return () => Promise.resolve(); // Node has no SCTP sockets: the firewall alone carries it
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? new Taken(port, 'in use') : error;
  }
}

async function listenTcp({ hostIp, hostPort }: PublishedPort, target: () => Target | undefined) {
  const clients = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    proxyTcp(client, target());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: hostIp, port: hostPort, ipv6Only: isIPv6(hostIp), exclusive: true }, resolve);
  });
  server.on('error', () => {}); // accept failures (too many open files) concern one connection
  server.unref();
  return () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const client of clients) client.resetAndDestroy();
    });
}

async function listenUdp({ hostIp, hostPort }: PublishedPort, target: () => Target | undefined) {
  const socket: UdpSocket = createSocket({ type: isIPv6(hostIp) ? 'udp6' : 'udp4', ipv6Only: isIPv6(hostIp) });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: hostIp, port: hostPort, exclusive: true }, resolve);
  });
  const proxy = proxyUdp(socket, target);
  socket.unref();
  return () =>
    new Promise<void>((resolve) => {
      proxy.close();
      socket.close(() => resolve());
    });
}
