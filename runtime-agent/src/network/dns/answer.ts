/** Answers a DNS query from a zone (RFC 1035); pure. What the zone does not know is for other nameservers. */
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet, RECURSION_AVAILABLE } from 'dns-packet';
import { formatAddress, parseAddress } from '../address.ts';
import type { Zone } from './zone.ts';

/** Docker's; long enough for caches to help, containers do not change addresses while they run. */
const TTL_SECONDS = 600;
/** A UDP message without EDNS (RFC 1035 4.2.1). */
const UDP_LIMIT = 512;
const TRUNCATED = 1 << 9;
const RCODE_SERVER_FAILURE = 2;
const RECURSION_DESIRED = 1 << 8;

export interface AnswerOptions {
  readonly transport: 'udp' | 'tcp';
  /** Which of several addresses comes first: round robin. */
  readonly turn: number;
}

/** @returns the response; 'forward' when the zone has nothing to say; undefined for what is no query */
export function answer(message: Buffer, zone: Zone, options: AnswerOptions): Buffer | 'forward' | undefined {
  const query = decodeQuery(message);
  const question = query?.questions?.[0];
  if (query === undefined || question === undefined) return undefined;
  const { name, type } = question;
  if (type === 'PTR') {
    const address = addressOfPointer(name);
    const owner = address === undefined ? undefined : zone.reverse(address);
    return owner === undefined ? 'forward' : respond(query, [record(name, 'PTR', owner)], options);
  }
  const known = zone.lookup(name);
  if (known === undefined) return 'forward';
  const wanted = rotate(
    known.filter((address) => (type === 'AAAA') === address.includes(':')),
    options.turn,
  );
  // A name that is known has no records of other kinds, rather than somebody else's.
  const answers = type === 'A' || type === 'AAAA' ? wanted.map((address) => record(name, type, address)) : [];
  return respond(query, answers, options);
}

/** The answer when no nameserver gave one. */
export function failure(message: Buffer): Buffer | undefined {
  const query = decodeQuery(message);
  if (query === undefined) return undefined;
  return encode({ ...header(query), flags: (query.flags ?? 0) | RECURSION_AVAILABLE | RCODE_SERVER_FAILURE });
}

function decodeQuery(message: Buffer): Packet | undefined {
  try {
    const packet = decode(message);
    return packet.type === 'query' && packet.questions?.length === 1 ? packet : undefined;
  } catch {
    return undefined; // not DNS, or broken: as real nameservers, no answer
  }
}

function header(query: Packet): Packet {
  return { type: 'response', ...(query.id === undefined ? {} : { id: query.id }), questions: query.questions ?? [] };
}

function respond(query: Packet, answers: Answer[], { transport }: AnswerOptions): Buffer {
  const flags = ((query.flags ?? 0) & RECURSION_DESIRED) | RECURSION_AVAILABLE | AUTHORITATIVE_ANSWER;
  const full = encode({ ...header(query), flags, answers });
  if (transport === 'tcp' || full.length <= sizeLimit(query)) return full;
  return encode({ ...header(query), flags: flags | TRUNCATED });
}

function sizeLimit(query: Packet): number {
  const opt = query.additionals?.find(({ type }) => type === 'OPT');
  const size = opt !== undefined && 'udpPayloadSize' in opt ? opt.udpPayloadSize : 0;
  return Math.max(UDP_LIMIT, size);
}

function record(name: string, type: 'A' | 'AAAA' | 'PTR', data: string): Answer {
  return { name, type, ttl: TTL_SECONDS, class: 'IN', data };
}

function rotate<T>(list: readonly T[], turn: number): T[] {
  const start = list.length === 0 ? 0 : turn % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** `2.0.18.172.in-addr.arpa` and nibbles under `ip6.arpa` (RFC 3596 2.5). */
function addressOfPointer(name: string): string | undefined {
  const match = /^(.+)\.(in-addr|ip6)\.arpa\.?$/i.exec(name);
  const parts = (match?.[1] ?? '').split('.').reverse();
  const isIPv4 = match?.[2]?.toLowerCase() === 'in-addr';
  const text = isIPv4 ? parts.join('.') : (parts.join('').match(/.{4}/g) ?? []).join(':');
  const parsed = match === null || parts.length !== (isIPv4 ? 4 : 32) ? undefined : parseAddress(text);
  return parsed && formatAddress(parsed);
}
