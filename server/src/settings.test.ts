import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SETTINGS, readSettings } from './settings.ts';

test('what editors send', () => {
  assert.deepEqual(readSettings({ rules: { A: 'off', B: 'error' } }), {
    rules: { A: 'off', B: 'error' },
    preset: 'recommended',
  });
  assert.deepEqual(readSettings({ rules: { A: 'loud' }, other: 1 }), {
    rules: { A: 'warning' },
    preset: 'recommended',
  });
});

test('what makes no sense counts as not set', () => {
  for (const value of [undefined, null, 5, 'x', [], { rules: 5 }]) {
    assert.deepEqual(readSettings(value), DEFAULT_SETTINGS, JSON.stringify(value));
  }
});
