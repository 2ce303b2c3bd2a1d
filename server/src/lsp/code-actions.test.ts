import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { CodeActionParams } from 'vscode-languageserver/node';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { codeActions } from './code-actions.ts';
import type { OpenDocument } from './open-documents.ts';
import { openDocuments } from './open-documents-check.ts';

const URI = 'file:///project/Dockerfile';

function opened(text: string): OpenDocument {
  const found = openDocuments({ [URI]: ['dockerfile', text] }).parsed(URI);
  assert.ok(found);
  return found;
}

function actions(text: string, line: number, only?: string[], commands: string[] = []) {
  const open = opened(text);
  const findings = open.language.diagnose(open.document, DEFAULT_SETTINGS);
  const range = { start: { line, character: 0 }, end: { line, character: 99 } };
  const context = { diagnostics: [], ...(only === undefined ? {} : { only }) };
  const params: CodeActionParams = { textDocument: { uri: URI }, range, context };
  return codeActions(open, findings, params, { rulePages: 'https://rules.example/', commands: new Set(commands) });
}

/** The text after the action. */
function applied(text: string, line: number, title: string): string {
  const action = actions(text, line).find((one) => one.title === title);
  const edits = action?.edit?.changes?.[URI];
  assert.ok(edits, `${title} is offered`);
  return TextDocument.applyEdits(TextDocument.create(URI, 'dockerfile', 1, text), edits);
}

const TEXT = 'FROM scratch as One\nFROM scratch as Two\nCMD run\n';

test('fixes of the findings in the range only', () => {
  const titles = actions(TEXT, 2).map(({ title }) => title);
  assert.deepEqual(titles, [
    'Use the JSON form',
    'Ignore JSONArgsRecommended here',
    'Ignore JSONArgsRecommended in this file',
    'Fix all that can be fixed safely',
  ]);
  assert.equal(applied(TEXT, 2, 'Use the JSON form'), TEXT.replace('CMD run', 'CMD ["run"]'));
});

test('the first fix is preferred, and names its diagnostic with its page', () => {
  const [first] = actions(TEXT, 2);
  assert.equal(first?.isPreferred, true);
  assert.equal(first?.diagnostics?.[0]?.codeDescription?.href, 'https://rules.example/JSONArgsRecommended.md');
});

test('all problems of a rule at once, and everything that is safe', () => {
  assert.equal(applied(TEXT, 0, 'Fix all FromAsCasing problems'), TEXT.replaceAll(' as ', ' AS '));
  assert.equal(
    applied(TEXT, 0, 'Fix all that can be fixed safely'),
    TEXT.replaceAll(' as ', ' AS ').replace('One', 'one').replace('Two', 'two'),
    'a CMD in JSON form is not the same: that is not safe',
  );
});

test('ignoring one rule', () => {
  assert.equal(
    applied(TEXT, 1, 'Ignore FromAsCasing here'),
    TEXT.replace('FROM scratch as Two', '# slipway ignore=FromAsCasing\nFROM scratch as Two'),
  );
});

test('only the kinds that the editor asks for', () => {
  assert.deepEqual(
    actions(TEXT, 0, ['source.fixAll']).map(({ kind }) => kind),
    ['source.fixAll.slipway'],
  );
  assert.deepEqual(actions(TEXT, 0, ['source.fixAll.slipway']).length, 1);
  assert.deepEqual(actions(TEXT, 0, ['refactor']), []);
  assert.ok(actions(TEXT, 0, ['quickfix']).every(({ kind }) => kind === 'quickfix'));
});

test('a rule is turned off in the settings by clients that can', () => {
  const off = actions(TEXT, 2, ['quickfix'], ['slipway.turnRuleOff']).at(-1);
  assert.deepEqual(off?.command, {
    title: 'Turn off JSONArgsRecommended in settings',
    command: 'slipway.turnRuleOff',
    arguments: [URI, 'JSONArgsRecommended'],
  });
});

test('in this file', () => {
  assert.equal(
    applied(TEXT, 2, 'Ignore JSONArgsRecommended in this file'),
    `# check=skip=JSONArgsRecommended\n${TEXT}`,
  );
});
