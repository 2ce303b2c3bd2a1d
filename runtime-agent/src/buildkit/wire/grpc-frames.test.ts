import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFrameReader, frameOf } from './grpc-frames.ts';

test('messages come out whole however the bytes are cut', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  fc.assert(
    fc.property(bodies, fc.array(fc.nat({ max: 30 })), (messages, cuts) => {
      const bytes = Buffer.concat(messages.map((message) => frameOf(message)));
      const seen: string[] = [];
      const feed = createFrameReader((message) => seen.push(message.toString('hex')));
      let at = 0;
      for (const cut of cuts) feed(bytes.subarray(at, (at += cut)));
      feed(bytes.subarray(at));
      assert.deepEqual(
        seen,
        messages.map((message) => Buffer.from(message).toString('hex')),
      );
    }),
  );
});

test('compressed and huge messages are refused', () => {
  const reader = createFrameReader(() => {});
  assert.throws(() => reader(Buffer.from('0100000000', 'hex')), /compressed/);
  assert.throws(() => createFrameReader(() => {})(Buffer.from('00ffffffff', 'hex')), /larger than 64 MiB/);
});
