import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from '#model/text/edit.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { documentAt } from './document-check.ts';
import { DOCKERFILE } from './language.ts';

/** The text after the rule of the first finding is switched off for the file. */
function skipFirst(text: string): string {
  const { document } = documentAt(text);
  const [finding] = DOCKERFILE.diagnose(document, DEFAULT_SETTINGS);
  assert.ok(finding && DOCKERFILE.suppressInFile);
  return applyEdits(text, [DOCKERFILE.suppressInFile(document, finding)]);
}

function rulesIn(text: string): string[] {
  return DOCKERFILE.diagnose(documentAt(text).document, DEFAULT_SETTINGS).map(({ rule }) => rule);
}

test('BuildKit’s directive switches rules off for the file', () => {
  assert.deepEqual(rulesIn('FROM scratch as A'), ['FromAsCasing', 'StageNameCasing']);
  assert.deepEqual(rulesIn('# check=skip=FromAsCasing\nFROM scratch as A'), ['StageNameCasing']);
  assert.deepEqual(rulesIn('# check=skip=FromAsCasing,StageNameCasing;error=true\nFROM scratch as A'), []);
  assert.deepEqual(rulesIn('# check=skip=all\nFROM scratch as A\nRUNN x'), ['UnknownInstruction'], 'errors stay');
  const described = '\n# something else\nARG v\nFROM scratch AS b';
  const experiment = 'InvalidDefinitionDescription';
  assert.deepEqual(rulesIn(`#${described}`), []);
  for (const option of [`experimental=${experiment}`, 'experimental=all', `skip=all;experimental=${experiment}`])
    assert.deepEqual(rulesIn(`# check=${option}${described}`), [experiment], option);
  assert.deepEqual(rulesIn(`# check=experimental=all\n# slipway global ignore=${experiment}\n${described}`), []);
});

test('what another frontend accepts is not known', () => {
  const text = 'FROM scratch as A\nINCLUDE+ more\n';
  assert.deepEqual(rulesIn(`# syntax=docker/dockerfile:1\n${text}`), [
    'FromAsCasing',
    'StageNameCasing',
    'UnknownInstruction',
  ]);
  assert.deepEqual(rulesIn(`# syntax=edrevo/dockerfile-plus\n${text}`), ['FromAsCasing', 'StageNameCasing']);
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

test('comments above a FROM, for its stage', () => {
  const text =
    'FROM a:1\nEXPOSE 80000\n# hadolint stage ignore=DL3011\nFROM b:1\nEXPOSE 80000\nFROM c:1\nEXPOSE 80000\n';
  assert.deepEqual(rulesIn(text), ['InvalidPort', 'InvalidPort']);
  assert.deepEqual(rulesIn('FROM a:1\n# slipway stage ignore=DL3000\n# why\nWORKDIR x\n'), ['WorkdirRelativePath']);
  assert.deepEqual(rulesIn('# slipway stage ignore=DL3006\n\nFROM debian\n'), ['DL3006'], 'not right above it');
});

test('what stands behind a list and a # is for people', () => {
  assert.deepEqual(rulesIn('# hadolint ignore=DL3006 # the newest is wanted\nFROM debian\n'), []);
  assert.deepEqual(rulesIn('# slipway global ignore=DL3006, DL3066 # DL3002 stays\nFROM debian\nUSER root\n'), [
    'DL3002',
  ]);
  const { document } = documentAt('# slipway ignore=DL3006 # why\nFROM debian AS A\n');
  const [finding] = DOCKERFILE.diagnose(document, DEFAULT_SETTINGS);
  assert.ok(finding && DOCKERFILE.suppress);
  const edit = DOCKERFILE.suppress(document, finding);
  assert.ok(edit);
  assert.equal(applyEdits(document.text, [edit]), '# slipway ignore=DL3006,StageNameCasing # why\nFROM debian AS A\n');
});

test('comments for the whole file', () => {
  assert.deepEqual(rulesIn('FROM scratch as a\n# slipway global ignore=FromAsCasing\nFROM scratch as b'), []);
});

test('the edit that ignores a finding makes one pragma, however often it is used', () => {
  const ignoreFirst = (text: string): string => {
    const { document } = documentAt(text);
    const [finding] = DOCKERFILE.diagnose(document, DEFAULT_SETTINGS);
    assert.ok(finding && DOCKERFILE.suppress);
    return applyEdits(
      text,
      [DOCKERFILE.suppress(document, finding)].flatMap((edit) => edit ?? []),
    );
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

test('for the file: BuildKit’s checks in its one directive', () => {
  const rest = 'FROM scratch as A\n';
  for (const [before, after] of [
    ['', '# check=skip=FromAsCasing\n'],
    ['# syntax=x\n', '# syntax=x\n# check=skip=FromAsCasing\n'],
    ['\uFEFF', '\uFEFF# check=skip=FromAsCasing\n'],
    ['# syntax=x\r\n', '# syntax=x\r\n# check=skip=FromAsCasing\r\n'],
    ['# check=error=true\n', '# check=error=true;skip=FromAsCasing\n'],
    ['# check=skip=UndefinedVar ; error=true\n', '# check=skip=UndefinedVar,FromAsCasing ; error=true\n'],
    ['# check=error=false;skip=\n# escape=`\n', '# check=error=false;skip=FromAsCasing\n# escape=`\n'],
    ['#!/usr/bin/env x\n', '#!/usr/bin/env x\n# slipway global ignore=FromAsCasing\n'],
  ] as const) {
    assert.equal(skipFirst(before + rest), after + rest);
    assert.deepEqual(rulesIn(after + rest), ['StageNameCasing']);
  }
  const both = skipFirst(skipFirst(rest));
  assert.equal(both, '# check=skip=FromAsCasing,StageNameCasing\nFROM scratch as A\n');
  assert.deepEqual(rulesIn(both), []);
});

test('for the file: other rules in one comment, hadolint’s only with names that hadolint knows', () => {
  const text = '# syntax=x\nFROM a\n';
  const once = skipFirst(text);
  assert.equal(once, '# syntax=x\n# slipway global ignore=DL3006\nFROM a\n');
  assert.deepEqual(rulesIn(once), []);
  assert.equal(
    skipFirst(`# hadolint global ignore=DL3007\nFROM a\n`),
    '# hadolint global ignore=DL3007,DL3006\nFROM a\n',
  );
  assert.equal(
    skipFirst(`FROM a:1\nRUNN x\n# slipway global ignore=X`),
    `FROM a:1\nRUNN x\n# slipway global ignore=X,UnknownInstruction`,
  );
  assert.equal(
    skipFirst(`# hadolint global ignore=DL3007\nFROM a:1\nRUNN x\n`),
    '# slipway global ignore=UnknownInstruction\n# hadolint global ignore=DL3007\nFROM a:1\nRUNN x\n',
  );
});
