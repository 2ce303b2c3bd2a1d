import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excerptOf } from './excerpt.ts';

const TEXT = 'FROM busybox\nENV A=1\n\tRUNN echo\nRUN a \\\n  b\nCMD x\n';
const at = (word: string): { start: number; end: number } => {
  const start = TEXT.indexOf(word);
  return { start, end: start + word.length };
};

test('a word: its line marked, a caret under it, lines around it', () => {
  assert.equal(
    excerptOf('Dockerfile', TEXT, at('RUNN')),
    [
      'Dockerfile:3',
      '--------------------',
      '   1 |     FROM busybox',
      '   2 |     ENV A=1',
      '   3 | >>> \tRUNN echo',
      '     |     \t^~~~',
      '   4 |     RUN a \\',
      '   5 |       b',
      '--------------------',
      '',
    ].join('\n'),
  );
});

test('several lines: all of them marked', () => {
  assert.match(
    excerptOf('sub/My', TEXT, at('RUN a \\\n  b')),
    /^sub\/My:4\n[^]*4 \| >>> RUN a \\\n {3}5 \| >>> {3}b\n {3}6 \|/,
  );
});

test('a whole line, and the end of the text', () => {
  assert.doesNotMatch(excerptOf('D', TEXT, at('FROM busybox')), /\^/);
  assert.match(excerptOf('D', 'FROM x', { start: 6, end: 6 }), /^D:1\n/);
  assert.match(excerptOf('D', '', { start: 0, end: 0 }), /^D:1\n/);
});
