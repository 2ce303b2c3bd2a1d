import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { memoryFiles } from '../files.ts';
import { LANGUAGES } from '../languages.ts';
import type { Rule } from '../rules/rule.ts';
import { readSettings } from '../settings.ts';
import { findFiles, languageOf } from './find-files.ts';
import { LintUsageError, readOptions } from './options.ts';
import { formatReport, type LintedFile } from './report.ts';
import { runRules } from './run-rules.ts';

const RULE: Rule<string> = {
  id: 'R1',
  aliases: ['X1'],
  severity: 'warning',
  title: 'Title',
  *check() {
    yield { span: { start: 3, end: 4 }, message: 'second' };
    yield { span: { start: 0, end: 1 }, message: 'first' };
  },
};

test('findings come in the order of the text, with the severity of the settings', () => {
  const run = (rules: Record<string, string>): unknown =>
    runRules([RULE], 'text', readSettings({ rules }), () => false).map(({ message, severity }) => [message, severity]);
  assert.deepEqual(run({}), [
    ['first', 'warning'],
    ['second', 'warning'],
  ]);
  assert.deepEqual(
    run({ X1: 'error' }),
    [
      ['first', 'error'],
      ['second', 'error'],
    ],
    'aliases count',
  );
  assert.deepEqual(run({ R1: 'off' }), []);
  assert.deepEqual(run({ R1: 'nonsense' }), [
    ['first', 'warning'],
    ['second', 'warning'],
  ]);
});

test('suppressed findings and rules that are off by default', () => {
  assert.equal(runRules([RULE], '', readSettings({}), (_, { start }) => start === 0).length, 1);
  assert.equal(runRules([{ ...RULE, off: true }], '', readSettings({}), () => false).length, 0);
  assert.equal(runRules([{ ...RULE, off: true }], '', readSettings({ rules: { R1: 'error' } }), () => false).length, 2);
});

test('options', () => {
  const options = readOptions([
    'a',
    '--format',
    'json',
    '--rule',
    'R1=off',
    '--fail-on=warning',
    '--max-warnings',
    '3',
    'b',
  ]);
  assert.deepEqual(
    [options.paths, options.format, options.rules, options.failOn, options.maxWarnings],
    [['a', 'b'], 'json', { R1: 'off' }, 'warning', 3],
  );
});

test('wrong options say what is right', () => {
  const message = (...argv: string[]): string => {
    try {
      readOptions(argv);
      return 'accepted';
    } catch (error) {
      assert.ok(error instanceof LintUsageError);
      return error.message;
    }
  };
  assert.match(message(), /no file given/);
  assert.match(message('a', '--format', 'xml'), /--format must be one of text, json, sarif, not 'xml'/);
  assert.match(message('a', '--max-warnings', 'x'), /must be a number/);
  assert.match(message('a', '--rule', 'R1'), /must be ID=LEVEL/);
  assert.match(message('a', '--nope'), /Unknown option '--nope'.*--help/);
});

test('directories stand for the files that some language owns', () => {
  const files = memoryFiles({
    '/p/Dockerfile': '',
    '/p/sub/web.dockerfile': '',
    '/p/sub/Dockerfile.dev': '',
    '/p/docker-compose.prod.yml': '',
    '/p/values.yaml': '',
    '/p/Dockerfile.dockerignore': '',
    '/p/node_modules/x/Dockerfile': '',
    '/p/odd': '',
  });
  assert.deepEqual(findFiles(['/p'], LANGUAGES, files), [
    '/p/Dockerfile',
    '/p/sub/web.dockerfile',
    '/p/sub/Dockerfile.dev',
    '/p/docker-compose.prod.yml',
  ]);
  assert.deepEqual(findFiles(['/p/odd', '/p/odd', '-'], LANGUAGES, files), ['/p/odd', '-']);
  assert.throws(() => findFiles(['/gone'], LANGUAGES, files), /\/gone: no such file or directory/);
});

test('the language of a file that was named outright', () => {
  const names = ['Dockerfile', 'a/compose.override.yaml', 'odd.yml', 'odd'].map(
    (file) => languageOf(file, LANGUAGES)?.name,
  );
  assert.deepEqual(names, ['dockerfile', 'compose', 'compose', 'dockerfile']);
});

const FILE: LintedFile = {
  file: 'a b/Dockerfile',
  lines: createLineIndex('FROM a\nRUN b\n'),
  findings: [
    { rule: 'R1', severity: 'error', span: { start: 7, end: 10 }, message: 'no' },
    { rule: 'R1', severity: 'hint', span: { start: 0, end: 4 }, message: 'well' },
  ],
};

test('reports as text and JSON', () => {
  assert.equal(
    formatReport('text', [FILE], [RULE]),
    'a b/Dockerfile:2:1 error no (R1)\na b/Dockerfile:1:1 hint well (R1)\n1 error, 0 warnings, 1 note in 1 file\n',
  );
  const [first] = JSON.parse(formatReport('json', [FILE], [RULE]));
  assert.deepEqual(first, {
    file: 'a b/Dockerfile',
    line: 2,
    column: 1,
    endLine: 2,
    endColumn: 4,
    severity: 'error',
    rule: 'R1',
    message: 'no',
    fixable: false,
  });
});

test('reports as SARIF 2.1.0', () => {
  const log = JSON.parse(formatReport('sarif', [FILE], [RULE]));
  assert.equal(log.version, '2.1.0');
  const [run] = log.runs;
  assert.deepEqual(run.tool.driver.rules[0].defaultConfiguration, { level: 'warning', enabled: true });
  const [result, note] = run.results;
  assert.deepEqual([result.ruleId, result.ruleIndex, result.level, note.level], ['R1', 0, 'error', 'note']);
  const { artifactLocation, region } = result.locations[0].physicalLocation;
  assert.equal(artifactLocation.uri, 'a%20b/Dockerfile');
  assert.deepEqual(region, { startLine: 2, startColumn: 1, endLine: 2, endColumn: 4 });
});
