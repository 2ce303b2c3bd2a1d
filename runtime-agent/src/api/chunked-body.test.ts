import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChunks } from './chunked-body.ts';

const read = (text: string): readonly [string, string] | undefined => {
  const found = readChunks(Buffer.from(text, 'latin1'));
  return found && [found.body.toString(), found.rest.toString()];
};

test('chunks, extensions and trailers, and what comes after', () => {
  assert.deepEqual(read('3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\nstdin'), ['abcde', 'stdin']);
  assert.deepEqual(read('0\r\nTrailer: 1\r\n\r\n'), ['', '']);
  assert.deepEqual(read('A\r\n0123456789\r\n0\r\n\r\n'), ['0123456789', '']);
});

test('every beginning of a body asks for more', () => {
  const whole = '3\r\nabc\r\n0\r\nT: 1\r\n\r\n';
  for (let end = 0; end < whole.length; end++) assert.equal(read(whole.slice(0, end)), undefined);
});

test('what is no chunk is refused', () => {
  for (const text of ['x\r\n', '-1\r\n', '3\r\nabcd\r\n', '\r\n', '123456789\r\n']) {
    assert.throws(() => read(text), { code: 'invalid', message: 'the chunked request body is malformed' });
  }
});
