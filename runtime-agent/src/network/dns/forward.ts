/** Asks other nameservers, over the transport that the container used. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from './answer.ts';
import { messagesFrom, withLength } from './tcp-framing.ts';

/** resolv.conf(5)'s default is 5 s; containers' resolvers give up after that themselves, so each server gets less. */
const TIMEOUT_MS = 4000;
/** A server that is silent for so long is not the only one asked any more: many clients wait two seconds in all. */
const HEAD_START_MS = 1000;
const MAX_SERVERS = 3;
const DNS_PORT = 53;

export type Exchange = (message: Buffer, server: string, signal: AbortSignal) => Promise<Buffer>;

/**
 * Asks the servers in order: the next one too when one has failed or is silent for a second. The first answer counts;
 * without any it is "server failure".
 * @param servers addresses, an IPv6 zone allowed; `address#port` for another port than 53
 */
export async function forward(
  message: Buffer,
  servers: readonly string[],
  exchange: Exchange,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const answered = new AbortController();
  const over = AbortSignal.any([signal, answered.signal]);
  let before: Promise<unknown> = Promise.resolve();
  const attempts = servers.slice(0, MAX_SERVERS).map((server, turn) => {
    const earlier = before;
    const attempt = async (): Promise<Buffer> => {
      await Promise.race([earlier, sleep(turn * HEAD_START_MS, undefined, { signal: over })]);
      over.throwIfAborted();
      return await exchange(message, server, AbortSignal.any([over, AbortSignal.timeout(TIMEOUT_MS)]));
    };
    const asked = attempt();
    // A server that answers ends the matter; only its failure lets the next one go ahead.
    before = asked.then(
      () => new Promise(() => {}),
      () => {},
    );
    return asked;
  });
  try {
    return await Promise.any(attempts);
  } catch {
    return signal.aborted ? undefined : failure(message);
  } finally {
    answered.abort();
  }
}

/** A fresh socket and id for each question: an answer cannot be forged by who knows neither (RFC 5452). */
export const exchangeUdp: Exchange = (message, server, signal) =>
  new Promise((resolve, reject) => {
    const { address, port } = endpoint(server);
    const socket = createSocket(isIPv6(address.replace(/%.*$/, '')) ? 'udp6' : 'udp4');
    const end = (error: unknown, reply?: Buffer): void => {
      signal.removeEventListener('abort', aborted);
      socket.close();
      if (reply === undefined) reject(error instanceof Error ? error : new Error(String(error)));
      else resolve(reply);
    };
    const aborted = (): void => end(signal.reason);
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted);
    const id = randomInt(0x1_0000);
    socket.on('error', end);
    socket.on('message', (reply) => {
      if (reply.length >= 12 && reply.readUInt16BE(0) === id) end(undefined, withId(reply, message.readUInt16BE(0)));
    });
    // Connected: answers from anyone else do not arrive, and "port unreachable" does.
    socket.connect(port, address, (error?: Error) => {
      if (error === undefined) socket.send(withId(message, id));
    });
  });

export const exchangeTcp: Exchange = async (message, server, signal) => {
  const { address, port } = endpoint(server);
  const socket = connect({ host: address, port });
  const abort = (): void => void socket.destroy(new Error('no answer in time'));
  signal.addEventListener('abort', abort);
  try {
    socket.write(withLength(message));
    for await (const reply of messagesFrom(socket)) return reply;
    throw new Error(`${server} closed the connection`);
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
};

function endpoint(server: string): { readonly address: string; readonly port: number } {
  const [address = '', port] = server.split('#');
  return { address, port: Number(port ?? DNS_PORT) };
}

function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  return copy;
}
