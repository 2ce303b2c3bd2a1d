import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeLines } from './network-files.ts';

const before = '127.0.0.1\tlocalhost\n172.17.0.2\tc1\n';
const after = '127.0.0.1\tlocalhost\n10.7.0.5\tc1\n';

test('a file that nobody touched becomes what it would be now', () => {
  assert.equal(mergeLines(before, before, after), after);
});

test('what somebody wrote into it stays, where it is', () => {
  const text = `# mine\n${before}1.2.3.4\tother\n`;
  assert.equal(mergeLines(text, before, after), '# mine\n127.0.0.1\tlocalhost\n1.2.3.4\tother\n10.7.0.5\tc1\n');
  assert.equal(mergeLines('1.2.3.4 other', before, after), '1.2.3.4 other\n10.7.0.5\tc1');
  assert.equal(mergeLines(`${after}x\n`, before, after), `${after}x\n`, 'nothing twice');
});
