import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopeBelow, type Scope } from './scopes.ts';

test('names come from all scopes above, however many, and hide those of the same name', () => {
  let scope: Scope<number> = scopeBelow<number>(undefined);
  scope.set('first', -1);
  const top = scope;
  for (let i = 0; i < 100; i++) {
    scope = scopeBelow(scope);
    scope.set(`name${i}`, i);
    scope.set('each', i);
    assert.ok(scope.depth < 20);
  }
  assert.deepEqual(
    [scope.get('first'), scope.get('name3'), scope.get('each'), scope.get('none')],
    [-1, 3, 99, undefined],
  );
  assert.equal(top.get('each'), undefined);
});
