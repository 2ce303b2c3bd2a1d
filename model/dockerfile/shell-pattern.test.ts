import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as patterns from './shell-pattern.ts';

const { parsePattern } = patterns;
const removePrefix = (value: string, pattern: string, longest: boolean): string =>
  patterns.removePrefix(value, parsePattern(pattern), longest);
const removeSuffix = (value: string, pattern: string, longest: boolean): string =>
  patterns.removeSuffix(value, parsePattern(patterns.reversePattern(pattern)), longest);
const replacePattern = (value: string, pattern: string, replacement: string, all: boolean): string =>
  (all ? patterns.replaceAll : patterns.replaceFirst)(value, parsePattern(pattern), replacement);

test('a prefix goes: the shortest that matches, or the longest', () => {
  assert.equal(removePrefix('a.b.c', '*.', false), 'b.c');
  assert.equal(removePrefix('a.b.c', '*.', true), 'c');
  assert.equal(removePrefix('a.b.c', '?', false), '.b.c');
  assert.equal(removePrefix('a.b.c', 'x', false), 'a.b.c');
  assert.equal(removePrefix('a.b.c', '', true), 'a.b.c');
  assert.equal(removePrefix('*x', '\\*', false), 'x');
});

test('a suffix goes: the shortest that matches, or the longest', () => {
  assert.equal(removeSuffix('a.b.c', '.*', false), 'a.b');
  assert.equal(removeSuffix('a.b.c', '.*', true), 'a');
  assert.equal(removeSuffix('a.b.c', '*', true), '');
  assert.equal(removeSuffix('a.b.c', '*', false), 'a.b.c');
  assert.equal(removeSuffix('ab\n', '?', false), 'ab\n', 'as Go reads it');
  assert.equal(removeSuffix('a🚀', '?', false), 'a');
});

test('replaces the first match or all, the longest at each place', () => {
  assert.equal(replacePattern('aXbXc', 'X', '-', false), 'a-bXc');
  assert.equal(replacePattern('aXbXc', 'X', '-', true), 'a-b-c');
  assert.equal(replacePattern('aXbXc', 'X*', '-', true), 'a-');
  assert.equal(replacePattern('aaa', 'a', 'aa', true), 'aaaaaa');
  assert.equal(replacePattern('abc', '', '-', false), '-abc');
  assert.equal(replacePattern('abc', '', '-', true), '-a-b-c-');
  assert.equal(replacePattern('', '*', '-', true), '-');
  assert.equal(replacePattern('a.b', '.', '<$0$1${x}$$ $>', true), 'a<.$ $>b');
  assert.equal(replacePattern('a.b', '.', '$0', false), 'a$0b');
  assert.equal(replacePattern('abc', '*', '', true), '');
});

test('an escape is of what means something', () => {
  const wrong = ['\\x', 'a\\', '\\\\\\'].map((pattern) => parsePattern(pattern).wrongEscape);
  assert.deepEqual(wrong, ['x', '', '']);
  assert.equal(parsePattern('\\*\\?\\\\\\/\\}').wrongEscape, undefined);
});

test('many stars take no exponential time', () => {
  const started = performance.now();
  assert.equal(removePrefix('a'.repeat(300), `${'*a'.repeat(40)}b`, true), 'a'.repeat(300));
  assert.ok(performance.now() - started < 1000);
});

const plain = fc.string().map((text) => text.replaceAll(/[*?\\]/g, ''));

test('a pattern without wildcards is itself', () => {
  fc.assert(
    fc.property(plain, plain, (head, tail) => {
      assert.equal(removePrefix(head + tail, head, false), tail);
      assert.equal(removeSuffix(head + tail, tail, true), head);
      if (head !== '') assert.equal(replacePattern(head + tail, head, '', false), tail);
    }),
  );
});
