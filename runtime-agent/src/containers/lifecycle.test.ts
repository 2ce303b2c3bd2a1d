import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import { checkVerb, type Verb } from './lifecycle.ts';
import type { ContainerStatus } from './record.ts';

const STATUSES: readonly ContainerStatus[] = [
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
];

/** In the order of STATUSES: + allowed, 0 nothing to do (304), otherwise the error's code. */
const EXPECTED: Readonly<Record<Verb, readonly string[]>> = {
  start: ['+', '0', 'conflict', '0', 'conflict', '+', 'conflict'],
  stop: ['0', '+', '+', '+', '0', '0', '0'],
  kill: ['conflict', '+', '+', '+', 'conflict', 'conflict', 'conflict'],
  restart: ['+', '+', '+', '+', 'conflict', '+', 'conflict'],
  pause: ['conflict', '+', 'conflict', 'conflict', 'conflict', 'conflict', 'conflict'],
  unpause: ['internal', 'internal', '+', 'internal', 'internal', 'internal', 'internal'],
  exec: ['conflict', '+', 'conflict', 'conflict', 'conflict', 'conflict', 'conflict'],
  attach: ['+', '+', 'conflict', 'conflict', '+', '+', '+'],
  resize: ['conflict', '+', '+', 'conflict', 'conflict', 'conflict', 'conflict'],
  top: ['conflict', '+', '+', 'conflict', 'conflict', 'conflict', 'conflict'],
  remove: ['+', 'conflict', 'conflict', 'conflict', '+', '+', '+'],
  update: ['+', '+', '+', '+', 'conflict', '+', 'conflict'],
  rename: ['+', '+', '+', '+', 'conflict', '+', 'conflict'],
};

function outcome(verb: Verb, status: ContainerStatus): string {
  try {
    checkVerb(verb, status, 'ID');
    return '+';
  } catch (error) {
    assert.ok(error instanceof EngineError);
    return error.code === 'not-modified' ? '0' : error.code;
  }
}

for (const [verb, expected] of Object.entries(EXPECTED) as [Verb, readonly string[]][]) {
  test(`${verb} in every state`, () => {
    assert.deepEqual(
      STATUSES.map((status) => outcome(verb, status)),
      expected,
    );
  });
}

test('refusals are in the words of dockerd', () => {
  const said = (verb: Verb, status: ContainerStatus): string => {
    try {
      checkVerb(verb, status, 'ID', 'web');
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  assert.equal(said('kill', 'exited'), 'container ID is not running');
  assert.equal(said('pause', 'paused'), 'Container ID is already paused');
  assert.equal(said('unpause', 'running'), 'Container ID is not paused');
  assert.equal(said('exec', 'paused'), 'Container web is paused, unpause the container before exec');
  assert.equal(said('attach', 'paused'), 'container web is paused, unpause the container before attach');
  assert.equal(said('start', 'paused'), 'cannot start a paused container, try unpause instead');
  assert.equal(said('remove', 'running'), 'container is running: stop the container before removing or force remove');
  assert.equal(said('remove', 'paused'), 'container is paused and must be unpaused first');
});
