import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import { holdingStream } from './holding-stream.ts';

function held(error?: Error): AsyncDisposable & { times: number } {
  return {
    times: 0,
    async [Symbol.asyncDispose]() {
      this.times++;
      if (error !== undefined) throw error;
    },
  };
}

async function* chunks(): AsyncGenerator<Buffer> {
  yield Buffer.from('one ');
  yield Buffer.from('two');
}

test('what is held is freed once, after the last chunk', async () => {
  const what = held();
  const stream = holdingStream(chunks(), what);
  assert.equal(what.times, 0);
  assert.equal(await text(stream), 'one two');
  if (!stream.closed) await once(stream, 'close');
  assert.equal(what.times, 1);
});

test('a reader that goes before the first chunk, or after it, frees it as well', async () => {
  const unread = held();
  const stream = holdingStream(chunks(), unread);
  stream.destroy();
  await once(stream, 'close');
  assert.equal(unread.times, 1);

  const begun = held();
  const left = holdingStream(chunks(), begun);
  for await (const _chunk of left) break;
  await finished(left).catch(() => {});
  assert.equal(begun.times, 1);
});

test('a failure is told: of the chunks before that of freeing', async () => {
  const failing = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('one');
    throw new Error('unreadable');
  };
  const freed = held(new Error('busy'));
  await assert.rejects(text(holdingStream(failing(), freed)), /unreadable/);
  assert.equal(freed.times, 1);
  const stream = holdingStream(chunks(), held(new Error('busy')));
  stream.resume();
  await assert.rejects(finished(stream), /busy/);
});
