import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessageAssembler, type PlacedMessage } from './log-messages.ts';

const line = (stream: 'stdout' | 'stderr', tag: 'F' | 'P', text: string): string =>
  `2026-11-28T20:16:34.123456789+00:00 ${stream} ${tag} ${text}\n`;

function assemble(...lines: string[]) {
  const assembler = createMessageAssembler(() => 'id');
  const placed: PlacedMessage[] = [...assembler.push(Buffer.from(lines.join('')), { inode: 7, offset: 1000 })];
  const short = ({ message }: Pick<PlacedMessage, 'message'>) => [
    message.stream,
    message.line.toString(),
    message.partial,
  ];
  const texts = placed.map(short);
  return { placed, texts, rest: () => assembler.finish().map((message) => short({ message })) };
}

test('a line is a message with its moment', () => {
  const { placed } = assemble(line('stderr', 'F', 'oops'));
  assert.deepEqual(placed[0]?.message, {
    stream: 'stderr',
    seconds: Date.UTC(2026, 10, 28, 20, 16, 34) / 1000,
    nanoseconds: 123_456_789,
    line: Buffer.from('oops'),
  });
});

test('pieces of a line are joined, per stream', () => {
  const { texts } = assemble(
    line('stdout', 'P', 'he'),
    line('stderr', 'F', 'between'),
    line('stdout', 'P', 'll'),
    line('stdout', 'F', 'o'),
  );
  assert.deepEqual(texts, [
    ['stderr', 'between', undefined],
    ['stdout', 'hello', undefined],
  ]);
});

test('a line beyond 16 KiB goes in parts that say so', () => {
  const half = 'x'.repeat(8192);
  const pieces = [half, half, half].map((text) => line('stdout', 'P', text));
  const { texts } = assemble(...pieces, line('stdout', 'F', 'end'), line('stdout', 'F', 'next'));
  assert.deepEqual(texts, [
    ['stdout', half + half, { id: 'id', ordinal: 1, last: false }],
    ['stdout', `${half}end`, { id: 'id', ordinal: 2, last: true }],
    ['stdout', 'next', undefined],
  ]);
});

test('what follows the last newline is a part without an end', () => {
  const { texts, rest } = assemble(line('stdout', 'P', 'prompt> '));
  assert.deepEqual(texts, []);
  assert.deepEqual(rest(), [['stdout', 'prompt> ', { id: 'id', ordinal: 1, last: false }]]);
});

test('reading goes on at the oldest line that is still open, and skips what the other stream sent meanwhile', () => {
  const first = line('stdout', 'P', 'open');
  const second = line('stderr', 'F', 'sent');
  const { placed } = assemble(first, second);
  const start = { inode: 7, offset: 1000 };
  const end = { inode: 7, offset: 1000 + first.length + second.length };
  assert.deepEqual(placed[0]?.progress, { from: start, stdout: start, stderr: end });
});
