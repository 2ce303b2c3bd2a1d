import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProgram } from './tools.ts';

test('programs are found in the system folders even when PATH lacks them', () => {
  assert.match(findProgram('mount', '') ?? '', /\/mount$/);
  assert.equal(findProgram('no-such-program', process.env['PATH']), undefined);
});
