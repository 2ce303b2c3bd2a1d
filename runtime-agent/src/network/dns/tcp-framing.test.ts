import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { messagesFrom, withLength } from './tcp-framing.ts';

async function* chunks(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    if (at < bytes.length) yield bytes.subarray(at, at + size);
    at += size;
  }
}

test('messages come out whole, however the stream is cut', async () => {
  const message = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 99 })),
      async (all, sizes) => {
        const found: Buffer[] = [];
        for await (const one of messagesFrom(chunks(Buffer.concat(all.map(withLength)), sizes))) found.push(one);
        assert.deepEqual(found, all);
      },
    ),
  );
});

test('a message without its end is none', async () => {
  const whole = withLength(Buffer.from('hello'));
  for await (const _ of messagesFrom(chunks(whole.subarray(0, 4), []))) assert.fail();
});
