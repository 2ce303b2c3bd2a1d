import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extraAttributes } from './extra-attributes.ts';
import { sampleLogged } from './logged-container.sample.ts';

const chosen = (options: Record<string, string>) => extraAttributes(sampleLogged(options), (key) => key);

test('labels and variables by name and by expression; what is missing is left out', () => {
  assert.deepEqual(chosen({}), {});
  assert.deepEqual(chosen({ labels: 'com.x,absent', env: 'FOO,BARE' }), { 'com.x': 'lbl', FOO: 'bar' });
  assert.deepEqual(chosen({ 'labels-regex': '^p', 'env-regex': 'TH' }), { plain: 'p', OTHER: 'x=y' });
  assert.deepEqual(
    extraAttributes(sampleLogged({ labels: 'plain' }), (key) => `_${key}`),
    { _plain: 'p' },
  );
});
