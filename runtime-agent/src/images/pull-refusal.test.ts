import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError, type EngineErrorCode } from '#model/engine-api/errors.ts';
import { parseReference } from '#model/oci/reference.ts';
import type { RegistryAnswer } from '../registry/registry-error.ts';
import { lookUpFailure, pullRefusal } from './pull-refusal.ts';

const NODE = parseReference('node:20');

function answered(code: EngineErrorCode, said: string, bare = false): EngineError {
  const cause: RegistryAnswer = { kind: 'registry-answer', status: 400, code: said, bare };
  return new EngineError(code, 'why', { cause });
}

test('what a registry says of an image is told as Docker tells it', () => {
  const access = "pull access denied for node, repository does not exist or may require 'docker login': why";
  const cases: readonly (readonly [EngineError, EngineErrorCode, string])[] = [
    [answered('not-found', 'MANIFEST_UNKNOWN'), 'not-found', 'manifest for node:20 not found: why'],
    [answered('not-found', 'NAME_UNKNOWN'), 'not-found', 'repository node not found: why'],
    [answered('forbidden', 'DENIED'), 'not-found', access],
    [answered('forbidden', 'DENIED', true), 'forbidden', access],
    [answered('too-many-requests', 'TOOMANYREQUESTS'), 'too-many-requests', 'why'],
  ];
  for (const [error, code, message] of cases) {
    const told = pullRefusal(NODE, error) as EngineError;
    assert.deepEqual([told.code, told.message], [code, message]);
  }
});

test('a registry that cannot be reached fails the look-up; a full disk stays what it is', () => {
  const down = new EngineError('unavailable', 'dial tcp');
  assert.deepEqual([(lookUpFailure(NODE, down) as EngineError).code, pullRefusal(NODE, down)], ['internal', down]);
  const bug = new TypeError('x');
  assert.equal(lookUpFailure(NODE, bug), bug);
});
