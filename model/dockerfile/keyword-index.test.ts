import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keywordIndex } from './keyword-index.ts';
import { parseDockerfile } from './syntax/parse.ts';

test('instructions are found by keyword, in the order of the text, and looked for once', () => {
  const { instructions } = parseDockerfile('FROM a\nENV A=1\nrun b\nARG C\nENV D=1\n');
  const withKeyword = keywordIndex(instructions);
  const names = (...keywords: string[]): string[] => withKeyword(...keywords).map(({ name }) => name);
  assert.deepEqual(names('ARG', 'ENV'), ['ENV', 'ARG', 'ENV']);
  assert.deepEqual(names('RUN'), ['run']);
  assert.deepEqual(names('COPY'), []);
  assert.equal(withKeyword('ARG', 'ENV'), withKeyword('ARG', 'ENV'));
});
