import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import { explainFailure } from './explain-failure.ts';
import { exitCodeOf, stepFailure } from './steps/step-failure.ts';

const going = new AbortController().signal;
const explain = (error: unknown, signal = going): { code?: string; message?: string } =>
  explainFailure(error, signal) as EngineError;

test('an aborted build was cancelled, whatever its steps say', () => {
  assert.equal(explain(new Error('killed'), AbortSignal.abort()).code, 'cancelled');
});

test('a full disk is one clear message', () => {
  for (const details of [{ code: 'ENOSPC' }, { code: 'EDQUOT' }, { code: 'ERR_SQLITE_ERROR', errcode: 13 }]) {
    const { code: kind, message } = explain(Object.assign(new Error('write failed'), details));
    assert.equal(kind, 'unavailable');
    assert.match(message ?? '', /^no space left on device/);
  }
});

test('other errors stay what they are', () => {
  const known = new EngineError('invalid', 'known');
  assert.equal(explain(known), known);
  const { code, message } = explain(new Error('odd'));
  assert.deepEqual([code, message], ['internal', 'odd']);
});

test("a failed command says so in Docker's words, and keeps its exit code", () => {
  const failure = stepFailure(['/bin/sh', '-c', 'exit 3'], 3);
  assert.equal(failure.message, "The command '/bin/sh -c exit 3' returned a non-zero code: 3");
  assert.equal(exitCodeOf(failure), 3);
  assert.equal(exitCodeOf(new EngineError('invalid', 'x', { cause: new Error('y') })), undefined);
  assert.equal(exitCodeOf(new Error('x')), undefined);
});
