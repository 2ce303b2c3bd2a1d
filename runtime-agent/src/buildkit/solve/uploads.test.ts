import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { createUploads } from './uploads.ts';

const never = new AbortController().signal;

test('a stream goes to who names it, whoever comes first', async () => {
  const uploads = createUploads();
  const early = uploads.take('a', never);
  const offered = uploads.offer('a', Readable.from(['one']), never);
  assert.equal(await text(await early), 'one');
  await offered;
  const waiting = uploads.offer('b', Readable.from(['two']), never);
  assert.equal(await text(await uploads.take('b', never)), 'two');
  await waiting;
});

test('nobody waits for what will not come', async () => {
  const uploads = createUploads();
  const stop = new AbortController();
  const taking = uploads.take('x', stop.signal);
  const offering = uploads.offer('y', Readable.from(['z']), stop.signal);
  stop.abort(new Error('given up'));
  await assert.rejects(taking, /given up/);
  await assert.rejects(offering);
});
