/** hadolint's rules on what they find and what they do not: cases of ours, made from what each rule is documented to mean. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { DOCKERFILE } from '../../server/src/dockerfile/language.ts';
import { memoryFiles } from '../../server/src/files.ts';
import { readSettings } from '../../server/src/settings.ts';

interface Case {
  readonly rule: string;
  readonly found: boolean;
  readonly text: string;
}

const file = path.resolve(import.meta.dirname, '../fixtures/hadolint-cases.txt');

function readCases(): Case[] {
  const cases: Case[] = [];
  let rule = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.startsWith('== ')) rule = line.slice(3);
    const [, sign, text] = /^([+-]) (.*)$/.exec(line) ?? [];
    if (text === undefined) continue;
    const unescaped = text.replaceAll(/\\([n\\])/g, (_, char: string) => (char === 'n' ? '\n' : '\\'));
    cases.push({ rule, found: sign === '+', text: `${unescaped}\n` });
  }
  return cases;
}

function rulesOf(text: string, rule: string): string[] {
  const uri = 'file:///project/Dockerfile';
  const source = { uri, path: '/project/Dockerfile', text, lines: createLineIndex(text), files: memoryFiles({}) };
  const on = ['DL1001', 'DL3057'].includes(rule) ? { [rule]: 'warning' } : {};
  const findings = DOCKERFILE.diagnose(DOCKERFILE.parse(source), readSettings({ preset: 'hadolint', rules: on }));
  return findings.flatMap((finding) => [finding.rule, ...finding.aliases]);
}

const cases = readCases();

test(`hadolint's rules in ${cases.length} cases`, () => {
  assert.ok(cases.length > 400);
  const wrong = cases.filter(({ rule, found, text }) => rulesOf(text, rule).includes(rule) !== found);
  assert.deepEqual(wrong, []);
});

test('what ONBUILD keeps is looked at too', () => {
  const runs = cases.filter(
    ({ text, rule }) => text.startsWith('RUN ') && !text.includes('\nRUN') && rule !== 'DL4001',
  );
  const wrong = runs.filter(({ rule, found, text }) => rulesOf(`ONBUILD ${text}`, rule).includes(rule) !== found);
  assert.deepEqual(wrong, []);
});
