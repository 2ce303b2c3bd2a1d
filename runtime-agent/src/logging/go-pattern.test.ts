import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goPattern } from './go-pattern.ts';

test('what Go writes otherwise means the same', () => {
  assert.match('FOO_BAR', goPattern('(?i)^foo_'));
  assert.doesNotMatch('FOO_BAR', goPattern('^foo_'));
  assert.match('ab', goPattern('(?P<first>a)b'));
  assert.match('(?P<', goPattern(String.raw`\(\?P<`));
});

test('what is none is refused when it is read', () => {
  const message = /^error parsing regexp: /;
  for (const text of ['(', '(?P<a', '[z-a]', '(?=a)', '(?<!a)b'])
    assert.throws(() => goPattern(text), { code: 'invalid', message }, text);
});
