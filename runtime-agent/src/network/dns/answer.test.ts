import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, decode, encode, type Packet, RECURSION_DESIRED, type RecordType } from 'dns-packet';
import fc from 'fast-check';
import { answer, failure } from './answer.ts';
import type { Zone } from './zone.ts';

const many = Array.from({ length: 100 }, (_, i) => `172.18.0.${i}`);
const zone: Zone = {
  lookup: (name) =>
    new Map([
      ['web', ['172.18.0.2', 'fd00::2', '172.18.0.3']],
      ['many', many],
    ]).get(name),
  reverse: (address) =>
    new Map([
      ['172.18.0.2', 'web.net'],
      ['fd00::2', 'web.net'],
    ]).get(address),
};
const query = (type: RecordType, name: string, more: Packet = {}): Buffer =>
  encode({ type: 'query', id: 77, flags: RECURSION_DESIRED, questions: [{ type, name }], ...more });
const udp = { transport: 'udp', turn: 0 } as const;

function decoded(reply: ReturnType<typeof answer>) {
  assert.ok(Buffer.isBuffer(reply), String(reply));
  return decode(reply);
}
/** 0: no error, 2: server failure (RFC 1035 4.1.1). */
const codeOf = ({ flags = 0 }: Packet): number => flags & 0xf;
const data = (packet: Packet): unknown[] => (packet.answers ?? []).map((one) => ('data' in one ? one.data : undefined));

test('addresses of the family that was asked for, taking turns', () => {
  const first = decoded(answer(query('A', 'web'), zone, udp));
  assert.equal(first.id, 77);
  assert.equal(first.type, 'response');
  assert.ok(first.flag_rd && first.flag_ra);
  assert.equal(first.questions?.[0]?.name, 'web');
  assert.deepEqual(data(first), ['172.18.0.2', '172.18.0.3']);
  assert.deepEqual(data(decoded(answer(query('A', 'web'), zone, { ...udp, turn: 1 }))), ['172.18.0.3', '172.18.0.2']);
  assert.deepEqual(data(decoded(answer(query('AAAA', 'web'), zone, udp))), ['fd00::2']);
});

test('a known name has no other records, which is not “no such name”', () => {
  for (const type of ['MX', 'TXT', 'HTTPS'] as const) {
    const reply = decoded(answer(query(type as RecordType, 'web'), zone, udp));
    assert.deepEqual([codeOf(reply), data(reply)], [0, []]);
  }
  const noIPv6: Zone = { ...zone, lookup: () => ['172.18.0.2'] };
  assert.equal(codeOf(decoded(answer(query('AAAA', 'web'), noIPv6, udp))), 0);
});

test('what the zone does not know is for others', () => {
  assert.equal(answer(query('A', 'example.com'), zone, udp), 'forward');
  assert.equal(answer(query('PTR', '9.0.18.172.in-addr.arpa'), zone, udp), 'forward');
  assert.equal(answer(query('PTR', 'nonsense.in-addr.arpa'), zone, udp), 'forward');
});

test('addresses backwards', () => {
  assert.deepEqual(data(decoded(answer(query('PTR', '2.0.18.172.in-addr.arpa'), zone, udp))), ['web.net']);
  const nibbles = `2.${'0.'.repeat(29)}d.f.ip6.arpa`;
  assert.deepEqual(data(decoded(answer(query('PTR', nibbles), zone, udp))), ['web.net']);
});

test('an answer that does not fit a datagram says so; over TCP, or with room, it is whole', () => {
  const short = decoded(answer(query('A', 'many'), zone, udp));
  assert.ok(short.flag_tc);
  assert.deepEqual(data(short), []);
  assert.equal(data(decoded(answer(query('A', 'many'), zone, { ...udp, transport: 'tcp' }))).length, 100);
  const opt: Answer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 4096,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const roomy = query('A', 'many', { additionals: [opt] });
  assert.equal(data(decoded(answer(roomy, zone, udp))).length, 100);
});

test('a failure repeats id and question', () => {
  const reply = failure(query('A', 'example.com'));
  assert.ok(reply);
  const packet = decode(reply);
  assert.deepEqual([packet.id, codeOf(packet), packet.questions?.[0]?.name], [77, 2, 'example.com']);
});

test('no message, however broken, does more than go unanswered', () => {
  assert.equal(answer(encode({ type: 'response', id: 1, questions: [] }), zone, udp), undefined);
  assert.equal(answer(encode({ type: 'query', id: 1, questions: [] }), zone, udp), undefined);
  const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array));
  const cut = fc.nat(40).map((length) => query('A', 'example.com').subarray(0, length));
  fc.assert(
    fc.property(fc.oneof(bytes, cut), (message) => {
      answer(message, zone, udp);
      failure(message);
    }),
  );
});
