import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { dockerfile } from '../rule-check.ts';
import { POLICIES } from './policies.ts';

const { reports } = dockerfile();

function rule(id: string): DockerfileRule {
  const found = POLICIES.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
}

test('registries', () => {
  const { reports: trusting } = dockerfile({
    '/project/.hadolint.yaml': 'trustedRegistries: ["*.example.com", docker.io]',
  });
  const message = "the registry 'quay.io' is not among the trusted ones: *.example.com, docker.io";
  trusting(
    rule('DL3026'),
    'FROM «quay.io/a:1»\nFROM r.example.com/b:1\nFROM debian AS c\nFROM c\nFROM scratch',
    message,
  );
  reports(rule('DL3026'), 'FROM quay.io/a:1');
});

test('pragmas', () => {
  reports(
    rule('DL1001'),
    '«# hadolint ignore=DL3006»\nFROM a\n# other',
    'a rule is switched off here: fix what it reports',
  );
});
