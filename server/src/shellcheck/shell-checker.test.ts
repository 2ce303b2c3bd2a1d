import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShellScript } from '../language.ts';
import { readComments, runShellCheck } from './run-shellcheck.ts';
import { createShellChecker } from './shell-checker.ts';

const scriptOf = (text: string): ShellScript => ({
  text,
  dialect: 'sh',
  variables: ['set'],
  sourceAt: (offset) => offset,
});
const fail = (error: unknown): never => assert.fail(String(error));
const NEVER = new AbortController().signal;

test('what was checked is not checked again', async () => {
  const ran: string[] = [];
  const checker = createShellChecker(async ({ text }) => {
    ran.push(text);
    return [];
  }, fail);
  assert.equal(await checker.check([scriptOf('a'), scriptOf('b')], NEVER), true);
  assert.equal(await checker.check([scriptOf('b')], NEVER), false);
  assert.deepEqual(ran, ['a', 'b']);
  assert.equal(checker.known(() => [scriptOf('a'), scriptOf('c')]).length, 1);
});

test('without the program nothing is tried again; a failure is told once for each script', async () => {
  let runs = 0;
  const missing = createShellChecker(async () => {
    runs++;
    return 'no program';
  }, fail);
  assert.equal(await missing.check([scriptOf('a')], NEVER), false);
  await missing.check([scriptOf('b')], NEVER);
  assert.equal(runs, 1);
  const failures: unknown[] = [];
  const failing = createShellChecker(
    () => Promise.reject(new Error('x')),
    (error) => failures.push(error),
  );
  await failing.check([scriptOf('a')], NEVER);
  await failing.check([scriptOf('a')], NEVER);
  assert.equal(failures.length, 1);
});

test('an abort ends the round and is no failure', async () => {
  const controller = new AbortController();
  const checker = createShellChecker(() => {
    controller.abort();
    return Promise.reject(new Error('aborted'));
  }, fail);
  assert.equal(await checker.check([scriptOf('a'), scriptOf('b'), scriptOf('c')], controller.signal), false);
});

test('places are those of the script: without our header, in UTF-16', () => {
  const comment = { line: 2, endLine: 2, column: 3, endColumn: 4, level: 'info', code: 1, message: 'm', fix: null };
  const header = { ...comment, line: 1, endLine: 1, column: 1 };
  const output = JSON.stringify({ comments: [comment, header] });
  assert.deepEqual(
    readComments(output, '😀 x', 'export a\n').map(({ start, end }) => [start, end]),
    [[3, 4]],
  );
});

test('the program itself', async (context) => {
  const script = scriptOf('echo $x $set "é" `ls`');
  const answer = await runShellCheck(script, NEVER);
  if (answer === 'no program') return context.skip('the program shellcheck is not installed');
  const found = answer.map(({ code, start, end }) => `${code} ${script.text.slice(start, end)}`);
  assert.ok(found.includes('2086 $x') && found.includes('2154 $x') && found.includes('2006 `ls`'), found.join(', '));
  assert.ok(!found.includes('2154 $set'));
  await assert.rejects(runShellCheck(script, AbortSignal.abort()));
});
