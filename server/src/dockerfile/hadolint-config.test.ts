import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { documentAt } from './document-check.ts';
import { DOCKERFILE } from './language.ts';

function findings(text: string, config: string, folder = '/project'): string[] {
  const { document } = documentAt(text, { [`${folder}/.hadolint.yaml`]: config });
  return DOCKERFILE.diagnose(document, DEFAULT_SETTINGS).map(({ rule, severity }) => `${rule} ${severity}`);
}

test('ignored rules and other severities, by hadolint’s numbers', () => {
  assert.deepEqual(findings('FROM debian', ''), ['DL3006 warning']);
  assert.deepEqual(findings('FROM debian', 'ignored: [DL3006]'), []);
  assert.deepEqual(findings('FROM debian', 'override: {error: [DL3006]}'), ['DL3006 error']);
  assert.deepEqual(findings('FROM scratch\nMAINTAINER x', 'ignored: [DL4000]'), [], 'aliases too');
});

test('from a folder above, and only if it can be read', () => {
  assert.deepEqual(findings('FROM debian', 'ignored: [DL3006]', ''), []);
  assert.deepEqual(findings('FROM debian', 'ignored: {'), ['DL3006 warning']);
  assert.deepEqual(findings('FROM debian', 'ignored: 5'), ['DL3006 warning']);
});

test('trusted registries and label schemas', () => {
  const trusted = 'trustedRegistries: [docker.io, "*.example.com"]';
  assert.deepEqual(findings('FROM debian:12\nFROM a.example.com/b:1\nFROM ghcr.io/c:1', trusted), ['DL3026 error']);
  const schema = 'label-schema: {author: text, contact: email}\nstrict-labels: true';
  assert.deepEqual(findings('FROM debian:12\nLABEL contact=me other=x', schema), [
    'DL3049 information',
    'DL3058 warning',
    'DL3050 information',
  ]);
});
