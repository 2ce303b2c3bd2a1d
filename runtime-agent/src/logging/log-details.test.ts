import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logDetails } from './log-details.ts';
import { sampleLogged } from './logged-container.sample.ts';

test('chosen labels, variables and the tag, by name, encoded', () => {
  const logged = sampleLogged();
  const container = { ...logged, labels: { z: 'a b', y: '1' }, environment: ['V=x=,y', 'W=2'] };
  const details = (options: Readonly<Record<string, string>>): string => logDetails({ ...container, options });
  assert.equal(details({}), '');
  assert.equal(details({ labels: 'z,none', env: 'V' }), 'V=x%3D%2Cy,z=a+b');
  assert.equal(details({ 'env-regex': '^W', tag: '{{.Name}}/x' }), `W=2,tag=${encodeURIComponent(`${logged.name}/x`)}`);
});
