import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { DISK, memoryFiles } from '../files.ts';
import { LANGUAGES } from '../languages.ts';
import type { Rule } from '#model/rules/rule.ts';
import { readSettings } from '../settings.ts';
import { compatibleEdits } from '../rules/compatible-fixes.ts';
import { findFiles } from './find-files.ts';
import { languageOf } from './language-of.ts';
import { readLintConfig } from './lint-config.ts';
import { readOptions } from './options.ts';
import type { LintedFile } from './linted-file.ts';
import { formatReport } from './report.ts';
import { runRules } from './run-rules.ts';
import { LintUsageError } from './usage-error.ts';

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
  assert.equal(runRules([RULE], '', readSettings({}), (_rule, _names, { start }) => start === 0).length, 1);
  assert.equal(runRules([{ ...RULE, off: true }], '', readSettings({}), () => false).length, 0);
  assert.equal(runRules([{ ...RULE, off: true }], '', readSettings({ rules: { R1: 'error' } }), () => false).length, 2);
});

test('a rule that breaks is told, and the others go on', () => {
  const broken: Rule<string> = {
    ...RULE,
    id: 'Broken',
    *check() {
      yield { span: { start: 0, end: 1 }, message: 'lost' };
      throw new Error('a defect of ours');
    },
  };
  const failed: string[] = [];
  const tell = (rule: string, error: unknown): void => void failed.push(`${rule}: ${String(error)}`);
  const findings = runRules([broken, RULE], '', readSettings({}), () => false, tell);
  assert.deepEqual([findings.map(({ rule }) => rule), failed], [['R1', 'R1'], ['Broken: Error: a defect of ours']]);
  assert.throws(() => runRules([broken], '', readSettings({}), () => false), /a defect of ours/);
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
  assert.match(
    message('a', '--format', 'xml'),
    /--format must be one of text, json, sarif, github, checkstyle, not 'xml'/,
  );
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
  assert.deepEqual(findFiles(['/p'], LANGUAGES, files).found, [
    '/p/Dockerfile',
    '/p/sub/web.dockerfile',
    '/p/sub/Dockerfile.dev',
    '/p/docker-compose.prod.yml',
  ]);
  assert.deepEqual(findFiles(['/p/odd', '/p/odd', '-'], LANGUAGES, files).found, ['/p/odd', '-']);
  const { found, errors } = findFiles(['/gone', '/p/odd', '/p/*.nothing'], LANGUAGES, files);
  assert.deepEqual(found, ['/p/odd']);
  assert.deepEqual(
    errors.map(({ message }) => message),
    ['/gone: no such file or directory', '/p/*.nothing: no file matches'],
  );
});

test('of what a pattern matches only what some language owns counts, if there is any', () => {
  const entries = ['README.md', 'Dockerfile', 'web.dockerfile'];
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-find-'));
  try {
    for (const name of entries) writeFileSync(path.join(folder, name), '');
    const matches = (pattern: string) =>
      findFiles([path.join(folder, pattern)], LANGUAGES, DISK).found.map((file) => path.basename(file));
    assert.deepEqual(matches('*'), ['Dockerfile', 'web.dockerfile']);
    assert.deepEqual(matches('*.md'), ['README.md']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the language of a file that was named outright: by its name, its content, its extension', () => {
  const kind = (name: string | undefined, text = ''): string | undefined => languageOf(name, text, LANGUAGES)?.name;
  for (const name of ['Dockerfile', 'Dockerfile.dev', 'Containerfile', 'x/web.dockerfile', 'odd', undefined]) {
    assert.equal(kind(name), 'dockerfile', name);
  }
  for (const name of ['a/compose.override.yaml', 'compose.prod.yml', 'docker-compose.yml', 'odd.yml']) {
    assert.equal(kind(name), 'compose', name);
  }
  const composeText = '# a\nservices:\n  web:\n    image: nginx\n';
  assert.equal(kind('x.txt', composeText), 'compose');
  assert.equal(kind(undefined, composeText), 'compose');
  assert.equal(kind('x.txt', 'FROM scratch\nRUN <<EOF\nname: x\nEOF\n'), 'dockerfile');
  assert.equal(kind('Dockerfile', composeText), 'dockerfile');
});

test('what the command line, the environment and configuration files say together', () => {
  const files = memoryFiles({
    'c.yaml': 'preset: hadolint\nrules: {R1: error, R2: [1, {a: 1}]}\nno-fail: true',
    bad: '[',
  });
  const read = (argv: string[], environment = {}) => readLintConfig(readOptions(['x', ...argv]), environment, files);
  const { settings, failOn, format, source } = read(['--config', 'c.yaml', '--rule', 'R1=info']);
  assert.deepEqual([settings, failOn, format], [{ preset: 'hadolint', rules: { R1: 'information' } }, 'off', 'text']);
  assert.match(source.text ?? '', /^preset/);
  assert.equal(read(['--config', 'c.yaml', '--preset', 'strict', '--fail-on', 'hint']).settings.preset, 'strict');
  const environment = { HADOLINT_FAILURE_THRESHOLD: 'style', HADOLINT_FORMAT: 'sarif', HADOLINT_NOFAIL: '0' };
  assert.deepEqual([read([], environment).failOn, read([], environment).format], ['hint', 'sarif']);
  assert.equal(read([]).failOn, 'error');
  assert.throws(() => read(['--config', 'none']), /cannot read none, which --config names/);
  assert.throws(() => read(['--config', 'bad']), /bad is not a configuration: /);
});

test('the working directory’s .hadolint.yaml decides about the run, where nothing else does', () => {
  const files = memoryFiles({ '.hadolint.yaml': 'failure-threshold: info\nformat: checkstyle\nrules: {R1: off}' });
  const { failOn, format, settings } = readLintConfig(readOptions(['x']), {}, files);
  assert.deepEqual([failOn, format, settings.rules], ['information', 'checkstyle', {}]);
  const newer = memoryFiles({ '.hadolint.yaml': 'output-format: sarif' });
  assert.equal(readLintConfig(readOptions(['x']), {}, newer).format, 'sarif');
});

test('fixes are made wholly or not at all', () => {
  const edit = (start: number, end: number) => ({ span: { start, end }, text: 'x' });
  const [a, b, c] = [edit(0, 2), edit(1, 3), edit(5, 5)];
  const fix = (...edits: (typeof a)[]) => ({ title: '', edits });
  assert.deepEqual(compatibleEdits([fix(a), fix(c, b)]), [a]);
  assert.deepEqual(compatibleEdits([fix(a), fix(c), fix(c)]), [a, c]);
});

const FILE: LintedFile = {
  file: 'a b/Dockerfile',
  text: 'FROM a\nRUN b\n',
  lines: createLineIndex('FROM a\nRUN b\n'),
  findings: [
    { rule: 'R1', aliases: ['X1'], severity: 'error', span: { start: 7, end: 10 }, message: 'no' },
    { rule: 'R1', aliases: [], severity: 'hint', span: { start: 0, end: 4 }, message: 'a: <b>,\n50%' },
  ],
};

test('reports as text and JSON', () => {
  assert.equal(
    formatReport('text', [FILE], [RULE]),
    'a b/Dockerfile:2:1 error no (R1)\na b/Dockerfile:1:1 hint a: <b>,\n50% (R1)\n1 error, 0 warnings, 1 note in 1 file\n',
  );
  const [first] = JSON.parse(formatReport('json', [FILE], [RULE]));
  assert.deepEqual(first, {
    file: 'a b/Dockerfile',
    line: 2,
    column: 1,
    endLine: 2,
    endColumn: 4,
    rule: 'R1',
    aliases: ['X1'],
    severity: 'error',
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

test('reports as GitHub annotations', () => {
  assert.deepEqual(formatReport('github', [FILE], [RULE]).split('\n'), [
    '::error file=a b/Dockerfile,line=2,endLine=2,col=1,endColumn=4,title=R1::no',
    '::notice file=a b/Dockerfile,line=1,endLine=1,col=1,endColumn=5,title=R1::a: <b>,%0A50%25',
    '',
  ]);
});

test('reports as Checkstyle XML', () => {
  const xml = formatReport('checkstyle', [FILE, { ...FILE, file: 'x', findings: [] }], [RULE]);
  assert.match(
    xml,
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<checkstyle version="4\.3">\n {2}<file name="a b\/Dockerfile">/,
  );
  assert.ok(xml.includes('<error line="2" column="1" severity="error" message="no" source="R1"/>'));
  assert.ok(xml.includes('severity="info" message="a: &lt;b&gt;,&#10;50%" source="R1"/>'));
  assert.ok(xml.endsWith('  <file name="x">\n  </file>\n</checkstyle>\n'));
});
