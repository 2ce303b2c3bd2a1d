/** Carries connections that reach the engine's own listeners to the container. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { connect, isIPv6, type Socket } from 'node:net';

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** A UDP conversation without traffic for this long is forgotten, as by docker-proxy. */
const UDP_IDLE_MS = 90_000;
const MAX_UDP_PEERS = 1024;

/** Both directions, half-open ends kept; a refused connection resets the client's. */
export function proxyTcp(client: Socket, target: Target | undefined): void {
  client.on('error', () => client.destroy());
  if (target === undefined) {
    client.resetAndDestroy();
    return;
  }
  const server = connect({ host: target.address, port: target.port, allowHalfOpen: true });
  let connected = false;
  server.on('connect', () => {
    connected = true;
    client.pipe(server);
    server.pipe(client);
  });
  server.on('error', () => {
    if (connected) client.destroy();
    else client.resetAndDestroy();
  });
  client.on('close', () => server.destroy());
  server.on('close', () => client.destroySoon());
}

/** One socket towards the container for each peer, so that answers find their way back. */
export function proxyUdp(socket: UdpSocket, target: () => Target | undefined): { close(): void } {
  const peers = new Map<string, { readonly upstream: UdpSocket; readonly timer: NodeJS.Timeout }>();

  function forget(key: string): void {
    const peer = peers.get(key);
    if (peer === undefined) return;
    peers.delete(key);
    clearTimeout(peer.timer);
    peer.upstream.close();
  }

  function meet(key: string, from: RemoteInfo, to: Target) {
    const [oldest] = peers.keys();
    if (peers.size >= MAX_UDP_PEERS && oldest !== undefined) forget(oldest);
    const upstream = createSocket(isIPv6(to.address) ? 'udp6' : 'udp4');
    const timer = setTimeout(() => forget(key), UDP_IDLE_MS).unref();
    upstream.on('error', () => forget(key));
    upstream.on('message', (message) => {
      timer.refresh();
      socket.send(message, from.port, from.address, () => {});
    });
    const peer = { upstream, timer };
    peers.set(key, peer);
    return peer;
  }

  socket.on('error', () => {});
  socket.on('message', (message, from) => {
    const to = target();
    if (to === undefined) return;
    const key = `${from.address} ${from.port}`;
    const peer = peers.get(key) ?? meet(key, from, to);
    peer.timer.refresh();
    peer.upstream.send(message, to.port, to.address, () => {});
  });
  return {
    close() {
      for (const key of peers.keys()) forget(key);
    },
  };
}
