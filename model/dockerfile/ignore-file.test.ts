import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ignoreFileError, ignorePatterns, parseIgnoreFile } from './ignore-file.ts';

/** [patterns, ignored paths, kept paths]; the cases of Docker's documentation and of its patternmatcher. */
const TABLE: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['*.log', ['a.log', '.log'], ['d/a.log', 'log', 'a.log.txt']],
  ['**/*.log', ['a.log', 'd/a.log', 'd/e/a.log'], ['a.txt']],
  ['*/temp*', ['a/temporary.txt', 'a/temp', 'a/temp/x'], ['temp', 'a/b/temp']],
  ['*/*/temp*', ['a/b/temporary'], ['a/temp']],
  ['temp?', ['tempa', 'tempb/x'], ['temp', 'tempab']],
  ['node_modules', ['node_modules', 'node_modules/a/b'], ['x/node_modules', 'node_modules2']],
  ['**/node_modules', ['node_modules', 'x/node_modules', 'x/y/node_modules/z'], ['node_module']],
  ['/foo/bar/', ['foo/bar', 'foo/bar/x'], ['foo', 'x/foo/bar']],
  ['./a', ['a', 'a/b'], ['b']],
  ['a/../b', ['b'], ['a']],
  ['**', ['a', 'a/b', '.x'], []],
  ['a/**', ['a/b', 'a/b/c'], ['b', 'a']],
  ['**/b', ['b', 'a/b', 'a/b/c'], ['bb']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a', 'a/x']],
  ['[a-c].txt', ['a.txt', 'c.txt'], ['d.txt', 'ab.txt']],
  ['[^a].txt', ['b.txt'], ['a.txt']],
  ['a\\*b', ['a*b'], ['axb']],
  ['a.b', ['a.b'], ['axb']],
  ['a+b(c)', ['a+b(c)'], ['aab']],
  ['*\n!README.md', ['a', 'd/README.md'], ['README.md']],
  ['*.md\n!README*.md\nREADME-secret.md', ['a.md', 'README-secret.md'], ['README.md', 'README-x.md']],
  ['*.md\nREADME-secret.md\n!README*.md', ['a.md'], ['README-secret.md']],
  ['d\n!d/keep', ['d', 'd/x'], ['d/keep', 'd/keep/y']],
  ['# comment\n\n  a  \n', ['a'], ['# comment', 'b']],
  ['! a', [], ['a']],
  ['[', [], ['[', 'a']],
  ['.', [], ['a']],
  ['', [], ['a', '']],
];

for (const [text, ignored, kept] of TABLE) {
  test(JSON.stringify(text), () => {
    const { ignores } = parseIgnoreFile(text);
    for (const path of ignored) assert.equal(ignores(path), true, `${path} is ignored`);
    for (const path of kept) assert.equal(ignores(path), false, `${path} is kept`);
  });
}

test('a byte order mark is no part of the first pattern', () => {
  assert.equal(parseIgnoreFile('\uFEFFa\r\nb\r\n').ignores('a'), true);
});

test('tells when there is nothing to ignore', () => {
  assert.equal(parseIgnoreFile('# nothing\n').isEmpty, true);
  assert.equal(ignorePatterns(['a']).isEmpty, false);
});

test('tells below which folders something is taken back in', () => {
  const { mayReinclude } = ignorePatterns(['*', '!a/b/c', '!**/keep']);
  assert.equal(mayReinclude('a'), true);
  assert.equal(mayReinclude('a/b'), true);
  assert.equal(mayReinclude('z'), true, '**/keep may be anywhere');
  assert.equal(ignorePatterns(['*', '!a']).mayReinclude('abs'), false);
  const fixed = ignorePatterns(['*', '!a/b/c']).mayReinclude;
  assert.equal(fixed('a'), true);
  assert.equal(fixed('x'), false);
  assert.equal(fixed('a/x'), false);
});

const path = fc
  .array(fc.stringMatching(/^[a-z.]{1,3}$/), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));

test('any file: never throws; a name ignores itself and what is in it, and ! takes it back', () => {
  fc.assert(
    fc.property(fc.string(), path, (text, name) => {
      parseIgnoreFile(text).ignores(name);
    }),
  );
  const clean = path.filter((name) => !/(^|\/)\.{1,2}(\/|$)/.test(name));
  fc.assert(
    fc.property(clean, (name) => {
      assert.equal(ignorePatterns([name]).ignores(`${name}/x`), true);
      assert.equal(ignorePatterns([name, `!${name}`]).ignores(name), false);
      assert.equal(ignorePatterns(['**', `!${name}`]).mayReinclude(name.split('/')[0] ?? ''), true);
    }),
  );
});

test('on the walk of a copy, ! takes back what it was asked about: as BuildKit decides it', () => {
  // [--exclude, paths that BuildKit leaves out, paths that it copies]
  const table: readonly (readonly [readonly string[], readonly string[], readonly string[]])[] = [
    [
      ['*/x', '!abd'],
      ['a/x', 'abd/x', 'abd/x/f'],
      ['a/y', 'abd', 'abd/y', 'x/q', 'b/abd/x'],
    ],
    [
      ['abd', '!abd/x'],
      ['abd', 'abd/y'],
      ['abd/x', 'abd/x/f'],
    ],
    [
      ['*', '!abd'],
      ['a', 'a/x'],
      ['abd', 'abd/x', 'abd/x/f'],
    ],
    [['!abd', '*/x'], ['abd/x', 'abd/x/f'], ['abd/y']],
  ];
  for (const [patterns, out, copied] of table) {
    const { ignoresOnWalk } = ignorePatterns(patterns);
    assert.deepEqual([...out, ...copied].filter(ignoresOnWalk), out, patterns.join(' '));
  }
});

test('without !, both ways of deciding are the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', '*/a', '**/b', 'a/b', 'a*', '?', 'b/**/a'), { maxLength: 4 }),
      path,
      (lines, name) => {
        const { ignores, ignoresOnWalk } = ignorePatterns(lines);
        assert.equal(ignoresOnWalk(name), ignores(name));
      },
    ),
  );
});

test('what Docker refuses, in its words', () => {
  for (const line of ['[', 'a\\', '[-]', '[a-]', '[]a]', '[^]', '[b-a]', 'x**[', '!a['])
    assert.equal(ignoreFileError(`ok\n ${line}\n`), `syntax error in pattern: ${line}`);
  assert.equal(ignoreFileError('a\n ! \n'), 'illegal exclusion pattern: "!"');
  assert.equal(ignoreFileError('# [\n[a\\]b]\n[[]\n!x\n**/y\n'), undefined);
});
