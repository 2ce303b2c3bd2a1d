/** `slipway lint` as a process: output, exit codes, speed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const module = path.resolve(import.meta.dirname, '../../server/src/lint/main.ts');
const SCRIPT =
  'import(process.argv[1]).then((lint) => lint.main(process.argv.slice(2))).then((code) => process.exit(code))';

function lint(folder: string, argv: readonly string[], input = '') {
  const result = spawnSync(process.execPath, ['-e', SCRIPT, module, ...argv], { cwd: folder, input, encoding: 'utf8' });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

function folderWith(files: Readonly<Record<string, string>>): { folder: string } & Disposable {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-lint-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test('errors make exit code 1, warnings do not unless asked', () => {
  using project = folderWith({
    Dockerfile: 'FROM scratch\nRUNN x\n',
    'ok/Dockerfile': 'FROM scratch AS Foo\n',
    'compose.yaml': 'services: {a: {}}\n',
  });
  const { folder } = project;
  const all = lint(folder, ['.']);
  assert.equal(all.code, 1);
  assert.match(
    all.out,
    /^Dockerfile:2:1 error unknown instruction: RUNN \(did you mean RUN\?\) \(UnknownInstruction\)$/m,
  );
  assert.match(all.out, /^compose\.yaml:1:12 error service "a" has neither/m);
  assert.match(all.out, /^2 errors, 1 warning in 3 files$/m);
  assert.equal(lint(folder, ['ok']).code, 0);
  assert.equal(lint(folder, ['ok', '--fail-on', 'warning']).code, 1);
  assert.equal(lint(folder, ['ok', '--max-warnings', '0']).code, 1);
  assert.equal(lint(folder, ['ok', '--rule', 'StageNameCasing=error']).code, 1);
});

test('usage errors and unreadable files: exit code 2 and one line that says why', () => {
  using project = folderWith({ binary: 'FROM \u0000' });
  const { folder } = project;
  for (const [argv, message] of [
    [[], /^slipway lint: no file given/],
    [['nosuch'], /^slipway lint: nosuch: no such file or directory$/m],
    [['binary'], /^slipway lint: binary: a binary file, not text$/m],
    [['--wat', 'x'], /^slipway lint: Unknown option '--wat'/],
  ] as const) {
    const { code, err, out } = lint(folder, argv);
    assert.deepEqual([code, out, err.trim().split('\n').length], [2, '', 1]);
    assert.match(err, message);
  }
  assert.equal(lint(folder, ['--help']).code, 0);
});

test('standard input, JSON and SARIF', () => {
  using project = folderWith({});
  const { folder } = project;
  const json = lint(folder, ['-', '--format', 'json'], 'FROM scratch AS Foo\n');
  assert.deepEqual(
    JSON.parse(json.out).map(({ file, rule }: { file: string; rule: string }) => [file, rule]),
    [['Dockerfile', 'StageNameCasing']],
  );
  const sarif = lint(
    folder,
    ['-', '--format=sarif', '--stdin-filename', 'compose.yaml'],
    'version: "3"\nservices: {a: {image: "b:1"}}\n',
  );
  const [run] = JSON.parse(sarif.out).runs;
  assert.equal(run.results[0].ruleId, 'no-version-field');
  assert.equal(run.tool.driver.rules[run.results[0].ruleIndex].id, 'no-version-field');
});

test('--fix writes what is safe', () => {
  using project = folderWith({ Dockerfile: 'FROM scratch as Foo\nENV a b\nCMD run\n' });
  const { folder } = project;
  const { code, out } = lint(folder, ['Dockerfile', '--fix']);
  assert.equal(code, 0);
  assert.equal(readFileSync(path.join(folder, 'Dockerfile'), 'utf8'), 'FROM scratch AS foo\nENV a=b\nCMD run\n');
  assert.match(out, /1 warning in 1 file/);
});

test('other files of the folder count: .dockerignore', () => {
  using project = folderWith({ Dockerfile: 'FROM scratch\nCOPY a /\n', '.dockerignore': 'a\n' });
  assert.match(lint(project.folder, ['Dockerfile']).out, /CopyIgnoredFile/);
});
