import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { toCompletion, toDiagnostic, toSymbol } from './convert.ts';

const lines = createLineIndex('one\ntwo\n');

test('findings', () => {
  const finding = { rule: 'R', severity: 'hint', span: { start: 4, end: 7 }, message: 'm', tag: 'deprecated' } as const;
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

test('completions keep their order and their snippet', () => {
  const item = toCompletion(lines, {
    label: 'a',
    kind: 'keyword',
    span: { start: 0, end: 1 },
    text: 'a $0',
    snippet: true,
    rank: 2,
    continues: true,
  });
  assert.equal(item.sortText, '002a');
  assert.equal(item.insertTextFormat, 2);
  assert.equal(item.command?.command, 'editor.action.triggerSuggest');
  const plain = toCompletion(lines, { label: 'b', kind: 'file', span: { start: 0, end: 0 }, text: 'b' });
  assert.deepEqual([plain.sortText, plain.insertTextFormat, plain.command], ['000b', undefined, undefined]);
});

test('symbols always have a name: editors refuse others', () => {
  const span = { start: 0, end: 3 };
  const symbol = toSymbol(lines, { name: '', detail: '', kind: 'stage', span, nameSpan: span, children: [] });
  assert.equal(symbol.name, '(unnamed)');
});
