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
  for (const broken of ['override:', 'label-schema: 5', 'strict-labels: "yes"', 'trustedRegistries: {}'])
    assert.deepEqual(findings('FROM debian', `ignored: [DL3006]\n${broken}\n`), [], `the rest counts beside ${broken}`);
});

test('trusted registries and label schemas', () => {
  const trusted = 'trustedRegistries: [docker.io, "*.example.com"]';
  assert.deepEqual(findings('FROM debian:12\nFROM a.example.com/b:1\nFROM ghcr.io/c:1', trusted), ['DL3026 error']);
  assert.deepEqual(findings('FROM ghcr.io/c:1', 'trusted-registries: docker.io'), ['DL3026 error'], 'one is no list');
  const schema = 'label-schema: {author: text, contact: email}\nstrict-labels: true';
  assert.deepEqual(findings('FROM debian:12\nLABEL contact=me other=x', schema), [
    'DL3049 information',
    'DL3058 warning',
    'DL3050 information',
  ]);
});

test('variables go before files, the user’s own file comes last, and --config instead of all', () => {
  const lint = (files: Record<string, string>, environment: Record<string, string>, text?: string): string[] => {
    const { document } = documentAt('FROM debian\n# hadolint ignore=DL4000\nMAINTAINER x', files);
    const source = { ...document.source, config: { text, environment } };
    return DOCKERFILE.diagnose(DOCKERFILE.parse(source), DEFAULT_SETTINGS).map(
      ({ rule, severity }) => `${rule} ${severity}`,
    );
  };
  assert.deepEqual(lint({}, {}), ['DL3006 warning']);
  assert.deepEqual(lint({}, { HADOLINT_IGNORE: 'DL3001,DL3006' }), []);
  const file = { '/project/.hadolint.yaml': 'ignored: [DL3006]' };
  assert.deepEqual(lint(file, { HADOLINT_OVERRIDE_ERROR: 'DL3006' }), ['DL3006 error']);
  assert.deepEqual(lint({ '/me/.config/hadolint.yaml': 'ignored: [DL3006]' }, { HOME: '/me' }), []);
  assert.deepEqual(lint({ '/x/hadolint.yaml': 'ignored: [DL3006]' }, { HOME: '/me', XDG_CONFIG_HOME: '/x' }), []);
  assert.deepEqual(lint(file, {}, 'override: {style: [DL3006]}'), ['DL3006 hint']);
  const all = ['DL3006 warning', 'MaintainerDeprecated warning'];
  assert.deepEqual(lint({}, { HADOLINT_DISABLE_IGNORE_PRAGMA: 'true' }), all);
  assert.deepEqual(lint({}, {}, 'disable-ignore-pragma: true'), all);
  assert.deepEqual(lint({}, { HADOLINT_TRUSTED_REGISTRIES: 'ghcr.io', HADOLINT_IGNORE: 'DL3006' }), ['DL3026 error']);
  assert.deepEqual(lint({}, { HADOLINT_REQUIRE_LABELS: 'a:semver', HADOLINT_IGNORE: 'DL3006' }), [
    'DL3049 information',
  ]);
});
