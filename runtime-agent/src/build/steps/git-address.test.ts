import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGitAddress, parseGitAddress } from './git-address.ts';

test('Git addresses are told from others', () => {
  const git = [
    'git@h:r',
    'git://h/r',
    'ssh://git@h/r',
    'https://h/r.git',
    'http://h/r.git#main:sub',
    'https://h/r.git?ref=a',
  ];
  for (const address of git) assert.equal(isGitAddress(address), true, address);
  for (const address of ['https://h/r.tgz', 'http://h/', 'https://h/r.git.tgz', 'https://h/x?y=r.git']) {
    assert.equal(isGitAddress(address), false, address);
  }
});

test('what an address says, in its fragment or its query', () => {
  const nothing = { ref: undefined, folder: '', commit: undefined, keepGitDir: false, submodules: true };
  const rows: [string, object][] = [
    ['', {}],
    ['#main', { ref: 'main' }],
    ['#:a/b', { folder: 'a/b' }],
    ['#v1:a:b', { ref: 'v1', folder: 'a:b' }],
    ['?branch=f/x', { ref: 'refs/heads/f/x' }],
    ['?tag=v1&subdir=d', { ref: 'refs/tags/v1', folder: 'd' }],
    ['?subdir=d#main', { ref: 'main', folder: 'd' }],
    ['?ref=v1&commit=abc&keep-git-dir=true', { ref: 'v1', commit: 'abc', keepGitDir: true }],
    ['?submodules=false&checksum=abc', { commit: 'abc', submodules: false }],
  ];
  for (const [tail, expected] of rows) {
    const repository = 'https://h/r.git';
    assert.deepEqual(parseGitAddress(repository + tail), { repository, ...nothing, ...expected }, tail);
  }
  assert.equal(parseGitAddress('git@h:r.git#main:d').repository, 'git@h:r.git');
});

test('what contradicts itself or is not known is refused', () => {
  const refused = (tail: string, message: RegExp): void =>
    assert.throws(() => parseGitAddress(`https://h/r.git${tail}`), { code: 'invalid', message });
  refused('?foo=1', /^unexpected query "foo" in the address of https:\/\/h\/r\.git$/);
  refused('?ref=a#b', /^ref conflicts: "b" vs "a" of /);
  refused('?branch=a&tag=b', /^ref conflicts: "refs\/heads\/a" vs "refs\/tags\/b" of /);
});
