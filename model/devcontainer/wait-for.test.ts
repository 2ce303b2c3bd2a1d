import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hookOrder } from './wait-for.ts';

test('all hooks are waited for, unless waitFor names one before the last', () => {
  const all = ['onCreateCommand', 'updateContentCommand', 'postCreateCommand', 'postStartCommand'];
  assert.deepEqual(hookOrder({}), { before: all, later: [] });
  assert.deepEqual(hookOrder({ waitFor: 'updateContentCommand' }), { before: all.slice(0, 2), later: all.slice(2) });
  assert.deepEqual(hookOrder({ waitFor: 'initializeCommand' }), { before: [], later: all });
  assert.deepEqual(hookOrder({ waitFor: 'postStartCommand' }), { before: all, later: [] });
});
