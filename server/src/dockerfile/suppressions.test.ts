import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from '#model/text/edit.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { documentAt } from './document-check.ts';
import { DOCKERFILE } from './language.ts';

function rulesIn(text: string): string[] {
  return DOCKERFILE.diagnose(documentAt(text).document, DEFAULT_SETTINGS).map(({ rule }) => rule);
}

test('BuildKit’s directive switches rules off for the file', () => {
  assert.deepEqual(rulesIn('FROM scratch as A'), ['FromAsCasing', 'StageNameCasing']);
  assert.deepEqual(rulesIn('# check=skip=FromAsCasing\nFROM scratch as A'), ['StageNameCasing']);
  assert.deepEqual(rulesIn('# check=skip=FromAsCasing,StageNameCasing;error=true\nFROM scratch as A'), []);
  assert.deepEqual(rulesIn('# check=skip=all\nFROM scratch as A\nRUNN x'), ['UnknownInstruction'], 'errors stay');
});

test('BuildKit’s directive makes its checks errors', () => {
  const levels = (text: string): string[] =>
    DOCKERFILE.diagnose(documentAt(text).document, DEFAULT_SETTINGS).map(({ rule, severity }) => `${rule} ${severity}`);
  const text = 'FROM debian AS A\n';
  assert.deepEqual(levels(text), ['DL3006 warning', 'StageNameCasing warning']);
  assert.deepEqual(levels(`# check=error=true\n${text}`), ['DL3006 warning', 'StageNameCasing error']);
  assert.deepEqual(levels(`# check=skip=FromAsCasing;error=false\n${text}`), levels(text));
});

test('comments above an instruction, for that instruction', () => {
  assert.deepEqual(rulesIn('# slipway ignore=FromAsCasing\nFROM scratch as a\nFROM scratch as b'), ['FromAsCasing']);
  assert.deepEqual(rulesIn('FROM scratch\n# hadolint ignore=DL3000 , DL4000\n# why\nWORKDIR x\nMAINTAINER y'), [
    'MaintainerDeprecated',
  ]);
  assert.deepEqual(rulesIn('FROM scratch\nENV a=1 \\\n# hadolint ignore=DL3064\n  PASSWORD=2 TOKEN=3'), []);
});

test('comments for the whole file', () => {
  assert.deepEqual(rulesIn('FROM scratch as a\n# slipway global ignore=FromAsCasing\nFROM scratch as b'), []);
});

test('the edit that ignores a finding makes one pragma, however often it is used', () => {
  const ignoreFirst = (text: string): string => {
    const { document } = documentAt(text);
    const [finding] = DOCKERFILE.diagnose(document, DEFAULT_SETTINGS);
    assert.ok(finding && DOCKERFILE.suppress);
    return applyEdits(text, [DOCKERFILE.suppress(document, finding)]);
  };
  const once = ignoreFirst('FROM scratch as A\n');
  assert.equal(once, '# slipway ignore=FromAsCasing\nFROM scratch as A\n');
  const twice = ignoreFirst(once);
  assert.equal(twice, '# slipway ignore=FromAsCasing,StageNameCasing\nFROM scratch as A\n');
  assert.deepEqual(rulesIn(twice), []);
  assert.equal(
    ignoreFirst('# syntax=x\nFROM scratch as A\n'),
    '# syntax=x\n# slipway ignore=FromAsCasing\nFROM scratch as A\n',
  );
});

test('hadolint’s comments take hadolint’s numbers only; dockerfile-utils’ speak of its checks', () => {
  const user = (comment: string): string => `FROM scratch\n${comment}\nUSER root\n`;
  assert.deepEqual(rulesIn(user('# hadolint ignore=DL3002,DL3066')), []);
  assert.deepEqual(rulesIn(user('# hadolint ignore=crazy,DL3002,DL3066')), ['DL3002', 'DL3066']);
  assert.deepEqual(
    rulesIn('# dockerfile-utils: ignore\nFROM scratch\n# dockerfile-utils: ignore\nEXPOSE x\nEXPOSE y'),
    ['InvalidPort'],
  );
});
