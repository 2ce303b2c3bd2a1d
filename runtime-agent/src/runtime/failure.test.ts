import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedStartCode, runtimeFailure, runtimeMessage } from './failure.ts';

const logged = (message: string): string => `time="2026-11-22T01:36:54Z" level=error msg=${JSON.stringify(message)}\n`;

test('the runtime’s own words are found in its log, whatever the format', () => {
  assert.equal(runtimeMessage(logged('exec: "x": not found')), 'exec: "x": not found');
  assert.equal(runtimeMessage('time=".." level=warning msg="a"\n' + logged('b')), 'b');
  assert.equal(runtimeMessage('{"level":"error","msg":"went \\"wrong\\"","time":".."}'), 'went "wrong"');
  assert.equal(runtimeMessage(' plain text \n'), 'plain text');
});

test('failures to create in the words and with the codes of dockerd', () => {
  const cases: readonly (readonly [message: string, exitCode: number, code: string])[] = [
    ['unable to start container process: exec: "x": executable file not found in $PATH', 127, 'invalid'],
    ['unable to start container process: exec: "/x": stat /x: no such file or directory', 127, 'invalid'],
    ['unable to start container process: exec: "/etc": permission denied', 126, 'invalid'],
    ['unable to start container process: exec: "/etc": is a directory', 126, 'invalid'],
    ['cgroups in hybrid mode not supported', 128, 'internal'],
  ];
  for (const [message, exitCode, code] of cases) {
    const error = runtimeFailure('create', logged(`runc create failed: ${message}`));
    assert.equal(
      error.message,
      `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ${message}`,
    );
    assert.deepEqual([failedStartCode(error), error.code], [exitCode, code]);
  }
});

test('failures to exec', () => {
  const error = runtimeFailure('exec', logged('exec failed: unable to start container process: exec: "x": not found'));
  assert.match(error.message, /^OCI runtime exec failed: exec failed: unable to start container process: /);
  assert.equal(failedStartCode(new Error('no such file or directory')), 128, 'other errors are not the command’s');
});
