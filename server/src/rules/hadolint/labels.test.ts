import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { dockerfile } from '../rule-check.ts';
import { LABELS } from './labels.ts';

const { reports } = dockerfile();

function rule(id: string): DockerfileRule {
  const found = LABELS.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
}

const OCI = 'org.opencontainers.image';

test('keys', () => {
  const chars = "keys consist of lowercase letters, digits, '.' and '-', a letter first";
  reports(
    rule('DL3048'),
    'FROM a\nLABEL «Key»=x a.b-c.d=y «com.docker.z»=1',
    `label 'Key': ${chars}`,
    "label 'com.docker.z': this name space is reserved for Docker",
  );
  reports(rule('DL3048'), 'FROM a\nLABEL «a..b»=x', "label 'a..b': separators do not stand twice");
});

test('values of OCI annotations', () => {
  const wrong = (id: string, key: string, value: string, what: string): void =>
    reports(rule(id), `FROM a\nLABEL ${OCI}.${key}=«${value}»`, `label '${OCI}.${key}' ${what}`);
  wrong('DL3051', 'title', '""', 'must not be empty');
  wrong('DL3052', 'url', 'example', 'must be a URL');
  wrong(
    'DL3053',
    'created',
    '"17 May"',
    'must be a date and time as RFC 3339 writes it, for example 2024-05-17T12:00:00Z',
  );
  wrong('DL3054', 'licenses', '"GPLv3"', 'must be an SPDX license expression, for example Apache-2.0 OR MIT');
  const right: [string, string, string][] = [
    ['DL3052', 'source', 'https://x.y/z'],
    ['DL3053', 'created', '2024-05-17T12:00:00+02:00'],
    ['DL3054', 'licenses', '"Apache-2.0 OR (MIT AND GPL-2.0+)"'],
    ['DL3053', 'created', '$DATE'],
  ];
  for (const [id, key, value] of right) reports(rule(id), `FROM a\nLABEL ${OCI}.${key}=${value}`);
});

test('label schemas', () => {
  const config = 'label-schema: {commit: hash, version: semver, mail: email}\nstrict-labels: true\n';
  const withSchema = dockerfile({ '/project/.hadolint.yaml': config });
  withSchema.reports(rule('DL3055'), 'FROM a\nLABEL commit=«abc»', "label 'commit' must be the hash of a Git commit");
  withSchema.reports(
    rule('DL3056'),
    'FROM a\nLABEL version=«1.2»',
    "label 'version' must be a semantic version, for example 1.2.3",
  );
  withSchema.reports(rule('DL3058'), 'FROM a\nLABEL mail=«me»', "label 'mail' must be an e-mail address");
  withSchema.reports(rule('DL3049'), '«FROM» a\nLABEL commit=1 version=1', "label 'mail' is missing");
  withSchema.reports(
    rule('DL3050'),
    'FROM a\nLABEL commit=abcdef0 «other»=1',
    "label 'other' is not in the label schema",
  );
  reports(rule('DL3049'), 'FROM a');
  reports(rule('DL3050'), 'FROM a\nLABEL other=1');
});
