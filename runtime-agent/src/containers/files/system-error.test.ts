import assert from 'node:assert/strict';
import { lstatSync, mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import { systemError } from './system-error.ts';

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('a failed call is said of the place in the container', () => {
  const message = (work: () => unknown): string => (systemError(thrown(work), '/in/it') as Error).message;
  assert.equal(
    message(() => lstatSync(`/usr/${'x'.repeat(300)}`)),
    'lstat /in/it: file name too long',
  );
  assert.equal(
    message(() => mkdirSync('/proc/self/nope')),
    'mkdir /in/it: no such file or directory',
  );
});

test('what is no failed call stays as it is', () => {
  for (const error of [new EngineError('not-found', 'x'), new TypeError('y'), 'z'])
    assert.equal(systemError(error, '/'), error);
});
