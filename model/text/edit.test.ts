import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from './edit.ts';
import { spanOf } from './span.ts';

test('edits refer to the original text, in any order', () => {
  const edits = [
    { span: spanOf(4, 5), text: 'E' },
    { span: spanOf(0, 0), text: '>' },
    { span: spanOf(1, 3), text: '' },
  ];
  assert.equal(applyEdits('abcde', edits), '>adE');
});

test('of two edits that overlap the first wins', () => {
  const edits = [
    { span: spanOf(0, 2), text: 'x' },
    { span: spanOf(1, 3), text: 'y' },
  ];
  assert.equal(applyEdits('abc', edits), 'xc');
});
