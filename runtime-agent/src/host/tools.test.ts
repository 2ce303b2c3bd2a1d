import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProgram, findTool } from './tools.ts';

test('programs are found in the system folders even when PATH lacks them', () => {
  assert.match(findProgram('mount', '') ?? '', /\/mount$/);
  assert.equal(findProgram('no-such-program', process.env['PATH']), undefined);
});

test('a tool is there when one of its programs is', () => {
  assert.equal(findTool({ program: 'slipway-no-such-program' }), undefined);
  assert.match(findTool({ program: 'slipway-no-such-program', or: ['sh'] }) ?? '', /\/sh$/);
});
