import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { createPositions } from './positions.ts';
import { toDiagnostic, tooLong, toSymbol } from './convert.ts';

const lines = createLineIndex('one\ntwo\n');

test('findings', () => {
  const finding = {
    rule: 'R',
    aliases: [],
    severity: 'hint',
    span: { start: 4, end: 7 },
    message: 'm',
    tag: 'deprecated',
  } as const;
  assert.deepEqual(toDiagnostic(lines, finding, 'https://x/'), {
    range: { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } },
    severity: 4,
    code: 'R',
    codeDescription: { href: 'https://x/R.md' },
    source: 'slipway',
    message: 'm',
    tags: [2],
  });
});

test('symbols always have a name: editors refuse others', () => {
  const span = { start: 0, end: 3 };
  const symbol = toSymbol(lines, { name: '', detail: '', kind: 'stage', span, nameSpan: span, children: [] });
  assert.equal(symbol.name, '(unnamed)');
});

test('a text that is too long is said to be, in its first line', () => {
  const text = `services:\n${'x'.repeat(500_000)}`;
  const said = tooLong({ source: { uri: 'file:///compose.yaml', text }, positions: createPositions(text, 'utf-16') });
  assert.deepEqual(said.range, { start: { line: 0, character: 0 }, end: { line: 0, character: 9 } });
  assert.match(String(said.message), /^This file is so long \(500,010 characters\)/);
});
