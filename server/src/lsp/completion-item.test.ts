import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completionSupport, toCompletion } from './completion-item.ts';
import { createPositions } from './positions.ts';

const positions = createPositions('one\ntwo\n', 'utf-16');
const span = { start: 0, end: 1 };
const FULL = completionSupport(
  {
    textDocument: {
      completion: {
        completionItem: {
          snippetSupport: true,
          resolveSupport: { properties: ['documentation'] },
          insertTextModeSupport: { valueSet: [2] },
        },
      },
    },
  },
  new Set(['editor.action.triggerSuggest']),
);
const BARE = completionSupport({}, new Set());

test('characters that take a completion, where the client knows them', () => {
  const completion = { label: 'cache', kind: 'value', span, text: 'cache', commit: [','] } as const;
  const support = completionSupport(
    { textDocument: { completion: { completionItem: { commitCharactersSupport: true } } } },
    new Set(),
  );
  assert.deepEqual(toCompletion(positions, completion, support).commitCharacters, [',']);
  assert.equal(toCompletion(positions, completion, BARE).commitCharacters, undefined);
});

test('completions keep their order and their snippet', () => {
  const item = toCompletion(
    positions,
    { label: 'a', kind: 'keyword', span, text: 'a:\n  $0', snippet: true, rank: 2, continues: true },
    FULL,
  );
  assert.equal(item.sortText, '002a');
  assert.equal(item.insertTextFormat, 2);
  assert.equal(item.insertTextMode, 2);
  assert.equal(item.command?.command, 'editor.action.triggerSuggest');
  const plain = toCompletion(positions, { label: 'b', kind: 'file', span, text: 'b', filter: './b' }, FULL);
  assert.deepEqual(
    [plain.sortText, plain.insertTextFormat, plain.command, plain.filterText],
    ['000b', undefined, undefined, './b'],
  );
});

test('a client without snippets gets the text up to the first placeholder, and no command it does not know', () => {
  const textOf = (text: string): string | undefined =>
    toCompletion(positions, { label: 'a', kind: 'keyword', span, text, snippet: true, continues: true }, BARE).textEdit
      ?.newText;
  assert.equal(textOf('COPY ${1:source} ${2:destination}'), 'COPY ');
  assert.equal(textOf('ports:\n  - $0'), 'ports:\n  - ');
  assert.equal(textOf('a\\$b'), 'a$b');
  const item = toCompletion(positions, { label: 'a', kind: 'keyword', span, text: 'a', continues: true }, BARE);
  assert.deepEqual([item.insertTextFormat, item.command], [undefined, undefined]);
});

test('documentation is sent at once only to a client that cannot ask for it', () => {
  const completion = { label: 'a', kind: 'keyword', span, text: 'a', documentation: '*m*', deprecated: true } as const;
  assert.equal(toCompletion(positions, completion, FULL).documentation, undefined);
  assert.deepEqual(toCompletion(positions, completion, BARE).documentation, { kind: 'markdown', value: '*m*' });
  assert.deepEqual(toCompletion(positions, completion, BARE).tags, [1]);
});
