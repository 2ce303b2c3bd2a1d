import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFrameReader, frameHead } from './stream-frames.ts';

test('the head is Docker’s eight bytes', () => {
  assert.deepEqual([...frameHead('stdout', 5)], [1, 0, 0, 0, 0, 0, 0, 5]);
  assert.deepEqual([...frameHead('stderr', 0x01020304)], [2, 0, 0, 0, 1, 2, 3, 4]);
});

test('an unknown stream is an error', () => {
  assert.throws(() => createFrameReader()(new Uint8Array([9, 0, 0, 0, 0, 0, 0, 0])), RangeError);
});

test('frames are read back however the bytes are cut', () => {
  const frame = fc.record({ stream: fc.constantFrom('stdout' as const, 'stderr' as const), payload: fc.uint8Array() });
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.nat({ max: 20 })), (frames, cuts) => {
      const bytes = Buffer.concat(
        frames.flatMap(({ stream, payload }) => [frameHead(stream, payload.length), payload]),
      );
      const read = createFrameReader();
      const got = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        got.push(...read(bytes.subarray(at, at + cut)));
        at += cut;
      }
      got.push(...read(bytes.subarray(at)));
      assert.deepEqual(
        got.map(({ stream, payload }) => [stream, [...payload]]),
        frames.map(({ stream, payload }) => [stream, [...payload]]),
      );
    }),
  );
});
