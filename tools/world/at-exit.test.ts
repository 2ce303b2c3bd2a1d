import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const MODULE = pathToFileURL(`${import.meta.dirname}/at-exit.ts`).href;

function output(body: string): string {
  const program = `const { atExit } = await import(${JSON.stringify(MODULE)}); ${body}`;
  return execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
}

test('runs when the process exits in the middle of something, and not when it was taken back', () => {
  assert.equal(output(`atExit(() => console.log('ended')); process.exit(0);`), 'ended\n');
  assert.equal(output(`atExit(() => console.log('ended'))(); process.exit(0);`), '');
});
