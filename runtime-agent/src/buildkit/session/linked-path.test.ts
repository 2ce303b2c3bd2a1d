import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkedPath } from './linked-path.ts';

test('symlinks are followed inside of the folder', () => {
  const links: Record<string, string> = {
    a: 'b',
    b: './c/../d',
    up: '../../x',
    abs: '/d/e',
    l: 'real/sub',
    'd/e': 'f',
    r: 'r',
  };
  const cases = {
    plain: 'plain',
    './x//y': 'x/y',
    a: 'd',
    up: 'x',
    abs: 'd/f',
    'l/Dockerfile': 'real/sub/Dockerfile',
    'l/../q': 'real/q',
    '../../etc': 'etc',
    r: undefined,
  };
  for (const [path, expected] of Object.entries(cases)) {
    assert.equal(
      linkedPath(path, (at) => links[at]),
      expected,
      path,
    );
  }
});
