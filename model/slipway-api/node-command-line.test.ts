import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptOf } from './node-command-line.ts';

test('the script of a Node command line', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['node server.js', 'server.js'],
    ['node --enable-source-maps -r ts-node/register src/index.ts', 'src/index.ts'],
    ['node --import=./hook.mjs -- server.js', 'server.js'],
    ['node -e 1', undefined],
    ['node', undefined],
  ];
  for (const [line, script] of cases) assert.equal(scriptOf(line.split(' ')), script, line);
});
