import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SETTINGS, readSettings } from '../settings.ts';
import { composeAt } from './document-check.ts';
import { COMPOSE } from './language.ts';

const TEXT = 'services:\n  a:\n    image: b:edge\n    ports:\n      - "127.0.0.1:80:80"\n';

function found(files: Record<string, string>, settings = DEFAULT_SETTINGS): string[] {
  return COMPOSE.diagnose(composeAt(TEXT, files).document, settings).map(({ rule, severity }) => `${rule} ${severity}`);
}

const DEFAULT = [
  'require-project-name-field warning',
  'service-image-require-explicit-tag error',
  'require-quotes-in-ports warning',
];

test('levels by number and by name, and options', () => {
  assert.deepEqual(found({}), DEFAULT);
  const rules = {
    'require-project-name-field': 0,
    'service-image-require-explicit-tag': [1, { prohibitedTags: ['edge'] }],
    'require-quotes-in-ports': [2, { quoteType: 'double' }],
  };
  const expected = ['service-image-require-explicit-tag warning'];
  for (const name of ['/project/.dclintrc', '/project/.dclintrc.json', '/.dclintrc.yaml', '/.config/dclintrc.yml']) {
    assert.deepEqual(found({ [name]: JSON.stringify({ rules }) }), expected, name);
  }
  assert.deepEqual(found({ '/project/package.json': JSON.stringify({ dclint: { rules } }) }), expected);
});

test('options of other shapes count as not given', () => {
  const rules = { 'service-image-require-explicit-tag': [2, { prohibitedTags: 'x' }], 'service-keys-order': [1, 5] };
  assert.deepEqual(found({ '/project/.dclintrc': JSON.stringify({ rules }) }), DEFAULT);
  for (const text of ['', '[', 'rules: 5', '{"rules": {"a": 9}}']) {
    assert.deepEqual(found({ '/project/.dclintrc': text }), DEFAULT, text);
  }
});

test('the editor’s settings go before the file', () => {
  const settings = readSettings({ rules: { 'require-project-name-field': 'error' } });
  const files = { '/project/.dclintrc': 'rules: {require-project-name-field: 0}' };
  assert.ok(found(files, settings).includes('require-project-name-field error'));
});

test('quiet: only errors, and only on the command line', () => {
  const { document } = composeAt(TEXT, { '/project/.dclintrc': '{"quiet": true}' });
  const config = { text: undefined, environment: {} };
  const told = (source: typeof document.source) =>
    COMPOSE.diagnose(COMPOSE.parse(source), DEFAULT_SETTINGS).map(({ severity }) => severity);
  assert.deepEqual(told({ ...document.source, config }), ['error']);
  assert.ok(told(document.source).includes('warning'));
});
