import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkName, randomName } from './names.ts';

test('names are Docker’s', () => {
  assert.equal(checkName('/web-1.x_y'), 'web-1.x_y');
  for (const bad of ['bad name', 'a', '-a', 'ä1', 'a/b', '']) {
    assert.throws(() => checkName(bad), {
      code: 'invalid',
      message: `Invalid container name (${bad}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    });
  }
});

test('random names are valid, and another is found when they are taken', () => {
  for (let i = 0; i < 50; i++) assert.match(checkName(randomName(() => false)), /^[a-z]+_[a-z]+$/);
  let asked = 0;
  const name = randomName(() => ++asked < 20);
  assert.equal(asked, 20);
  assert.match(checkName(name), /^[a-z]+_[a-z]+\d+$/);
});
