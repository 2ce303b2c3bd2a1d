import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { runProgram } from './attach-program.ts';

test('a container that cannot be attached to does not stay behind', async () => {
  const calls: string[] = [];
  const connection = {
    call: async (method: string, path: string) => {
      calls.push(`${method} ${path}`);
      return { Id: 'c1' };
    },
    upgrade: async () => {
      throw new EngineError('unavailable', 'the connection was lost');
    },
  } as unknown as EngineConnection;
  const screen = { size: undefined, write: () => undefined };
  await assert.rejects(runProgram(connection, 'busybox').run(screen, new AbortController().signal), {
    message: 'the connection was lost',
  });
  assert.deepEqual(calls, ['POST /containers/create', 'DELETE /containers/c1']);
});
