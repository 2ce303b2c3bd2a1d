import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signalNumber } from './signals.ts';

test('signals by number and by name, with and without SIG, in any case', () => {
  assert.equal(signalNumber('9'), 9);
  assert.equal(signalNumber(15), 15);
  assert.equal(signalNumber('KILL'), 9);
  assert.equal(signalNumber('sigterm'), 15);
  assert.equal(signalNumber('SIGUSR1'), 10);
  assert.equal(signalNumber('RTMIN+3'), 37);
  assert.equal(signalNumber('SIGRTMAX-1'), 63);
});

test('anything else is refused in Docker’s words', () => {
  for (const bad of ['', 'NOPE', '0', '1x', 'RTMIN+99']) {
    assert.throws(() => signalNumber(bad), { code: 'invalid', message: `invalid signal: ${bad}` });
  }
});
