import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFrameReader } from '#model/engine-api/stream-frames.ts';
import { createLogDecoder, endOfLines, logInstant, type LogSelection, tailOfBlock } from './log-format.ts';

const at = (second: number): string => `2026-11-22T01:36:${String(second).padStart(2, '0')}.000000001`;
const line = (stream: 'stdout' | 'stderr', tag: 'F' | 'P', text: string, second = 0): string =>
  `${at(second)}+00:00 ${stream} ${tag} ${text}\n`;

const both = { stdout: true, stderr: true } as const;
const raw = (lines: string, more: Partial<LogSelection> = {}): string =>
  createLogDecoder({ ...both, framing: 'raw', ...more })(Buffer.from(lines)).toString();
const frames = (lines: string, more: Partial<LogSelection> = {}): string[] =>
  createFrameReader()(createLogDecoder({ ...both, framing: 'multiplexed', ...more })(Buffer.from(lines))).map(
    ({ stream, payload }) => `${stream}:${Buffer.from(payload).toString()}`,
  );

test('pieces of a line are put together, and get their newline with the last one', () => {
  const log =
    line('stdout', 'P', 'no ') + line('stdout', 'P', 'new') + line('stdout', 'F', 'line') + line('stdout', 'F', '');
  assert.equal(raw(log), 'no newline\n\n');
  assert.equal(raw(line('stdout', 'P', 'open')), 'open');
});

test('frames by stream: neighbours together, or one per line', () => {
  const log = line('stdout', 'F', 'a') + line('stdout', 'F', 'b') + line('stderr', 'F', 'e') + line('stdout', 'P', 'c');
  assert.deepEqual(frames(log), ['stdout:a\nb\n', 'stderr:e\n', 'stdout:c']);
  assert.deepEqual(frames(log, { framePerLine: true }), ['stdout:a\n', 'stdout:b\n', 'stderr:e\n', 'stdout:c']);
});

test('one stream only', () => {
  const log = line('stdout', 'F', 'a') + line('stderr', 'F', 'e');
  assert.deepEqual(frames(log, { stdout: false }), ['stderr:e\n']);
  assert.deepEqual(frames(log, { stderr: false }), ['stdout:a\n']);
});

test('time stamps stand at the beginning of lines only, also across chunks', () => {
  const decode = createLogDecoder({ ...both, framing: 'raw', timestamps: true });
  const first = decode(Buffer.from(line('stdout', 'P', 'half '))).toString();
  const second = decode(Buffer.from(line('stdout', 'F', 'line', 1) + line('stdout', 'F', 'next', 2))).toString();
  assert.equal(first + second, `${at(0)}Z half line\n${at(2)}Z next\n`);
});

test('since and until are inclusive', () => {
  const log = [1, 2, 3, 4].map((second) => line('stdout', 'F', String(second), second)).join('');
  assert.equal(raw(log, { since: at(2), until: at(3) }), '2\n3\n');
  assert.equal(raw(log, { since: '2026-11-22T01:36:03.500000000' }), '4\n');
  assert.equal(logInstant(1_795_311_360, 5), '2026-11-22T01:36:00.000000005');
});

test('whatever a process prints comes out as it went in', () => {
  const piece = fc.record({
    stream: fc.constantFrom<'stdout' | 'stderr'>('stdout', 'stderr'),
    whole: fc.boolean(),
    bytes: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).filter((byte) => byte !== 10)),
  });
  fc.assert(
    fc.property(fc.array(piece), fc.boolean(), (pieces, framePerLine) => {
      const log = Buffer.concat(
        pieces.flatMap(({ stream, whole, bytes }) => [
          Buffer.from(line(stream, whole ? 'F' : 'P', '').slice(0, -1)),
          bytes,
          Buffer.from('\n'),
        ]),
      );
      const decoded = createLogDecoder({ ...both, framing: 'multiplexed', framePerLine })(log);
      const read = createFrameReader()(decoded);
      for (const stream of ['stdout', 'stderr'] as const) {
        const printed = pieces
          .filter((p) => p.stream === stream)
          .map((p) => Buffer.concat([p.bytes, Buffer.from(p.whole ? '\n' : '')]));
        const got = read.filter((f) => f.stream === stream).map((f) => f.payload);
        assert.deepEqual(Buffer.concat(got), Buffer.concat(printed));
      }
    }),
  );
});

test('the end of the complete lines', () => {
  assert.equal(endOfLines(Buffer.from('a\nb')), 2);
  assert.equal(endOfLines(Buffer.from('ab')), 0);
});

test('the last lines of a block, an unfinished one counting as a line', () => {
  const log = Buffer.from(
    line('stdout', 'F', 'a') + line('stdout', 'P', 'b') + line('stdout', 'F', 'c') + line('stdout', 'F', 'd'),
  );
  const from = (block: Buffer, count: number, last = true): string =>
    raw(block.subarray(tailOfBlock(block, count, last).at).toString());
  assert.equal(from(log, 1), 'd\n');
  assert.equal(from(log, 2), 'bc\nd\n');
  assert.equal(from(log, 0), '');
  assert.deepEqual(tailOfBlock(log, 9, true), { at: 0, found: 3 });
  const open = Buffer.concat([log, Buffer.from(line('stdout', 'P', 'open'))]);
  assert.equal(from(open, 1), 'open');
  assert.equal(from(open, 2), 'd\nopen');
});
