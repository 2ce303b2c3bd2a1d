import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { documentAt } from './document-check.ts';
import { DOCKERFILE } from './language.ts';

const TEXT =
  'FROM scratch AS A\nCOPY $x /\nMAINTAINER y\nWORKDIR a\nFROM scratch AS b\nARG v=x\nWORKDIR $v\nFROM scratch\nCOPY --from=a /x /y\n';

function rulesFor(target: string | undefined, args: Record<string, string> = {}): string[] {
  const { source } = documentAt(TEXT).document;
  const findings = DOCKERFILE.diagnose(DOCKERFILE.parse({ ...source, build: { args, target } }), DEFAULT_SETTINGS);
  return findings.map(({ rule }) => rule);
}

test('what the target does not need is not looked at, but for what is found while reading', () => {
  const ofA = ['UndefinedVar', 'WorkdirRelativePath'];
  const always = ['StageNameCasing', 'MaintainerDeprecated'];
  assert.deepEqual(rulesFor(undefined).toSorted(), [...always, ...ofA, 'WorkdirRelativePath'].toSorted());
  assert.deepEqual(rulesFor('2').toSorted(), [...always, ...ofA].toSorted());
  assert.deepEqual(rulesFor('B').toSorted(), [...always, 'WorkdirRelativePath'].toSorted());
});

test('build arguments give variables their values', () => {
  assert.deepEqual(rulesFor('b', { v: '/srv' }).toSorted(), ['MaintainerDeprecated', 'StageNameCasing']);
});
