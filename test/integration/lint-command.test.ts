/** `slipway lint` as a process: output, exit codes, speed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
    'compose.yaml': 'name: x\nservices: {a: {}}\n',
  });
  const { folder } = project;
  const all = lint(folder, ['.']);
  assert.equal(all.code, 1);
  assert.match(
    all.out,
    /^Dockerfile:2:1 error unknown instruction: RUNN \(did you mean RUN\?\) \(UnknownInstruction\)$/m,
  );
  assert.match(all.out, /^compose\.yaml:2:12 error service "a" has neither/m);
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
  const compose = lint(folder, ['-', '--format', 'json'], 'name: x\nservices: {a: {}}\n');
  assert.equal(compose.code, 1);
  assert.deepEqual(
    JSON.parse(compose.out).map(({ file, rule, severity }: Record<string, string>) => [file, rule, severity])[0],
    ['compose.yaml', 'no-image-or-build', 'error'],
  );
  const sarif = lint(
    folder,
    ['-', '--format=sarif', '--stdin-filename', 'compose.yaml'],
    'version: "3"\nname: x\nservices: {a: {image: "b:1"}}\n',
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

test('files that cannot be read do not keep the others from being linted', () => {
  using project = folderWith({ Dockerfile: 'RUNN x\n', 'a.Dockerfile': 'FROM scratch\n', binary: '\u0000' });
  const { code, out, err } = lint(project.folder, ['nosuch', 'binary', '*ockerfile', '--format', 'json']);
  assert.equal(code, 2);
  assert.ok(JSON.parse(out).some(({ rule }: { rule: string }) => rule === 'UnknownInstruction'));
  assert.match(
    err,
    /^slipway lint: nosuch: no such file or directory\nslipway lint: binary: a binary file, not text\n$/,
  );
  assert.deepEqual(JSON.parse(lint(project.folder, ['nosuch', '--format', 'json']).out), []);
});

test('--fix of standard input prints the fixed text, and findings to standard error', () => {
  using project = folderWith({});
  const { code, out, err } = lint(project.folder, ['-', '--fix'], 'from scratch as Foo\ncopy a /\n');
  assert.deepEqual([code, out], [0, 'from scratch as foo\ncopy a /\n']);
  assert.match(err, /0 errors, 0 warnings in 1 file/);
});

test('line ends and a byte order mark stay as they are, and do not count as columns', () => {
  const before = '\ufeffFROM scratch as Foo\r\nENV a b\r\n';
  const after = '\ufeffFROM scratch AS foo\r\nENV a=b\r\n';
  using project = folderWith({ Dockerfile: before });
  const { folder } = project;
  assert.match(lint(folder, ['Dockerfile']).out, /^Dockerfile:1:14 warning .*\(FromAsCasing\)$/m);
  assert.equal(lint(folder, ['-', '--fix'], before).out, after);
  lint(folder, ['Dockerfile', '--fix']);
  assert.equal(readFileSync(path.join(folder, 'Dockerfile'), 'utf8'), after);
});

test('bytes that are no UTF-8 are never written back as others', () => {
  using project = folderWith({});
  const file = path.join(project.folder, 'Dockerfile');
  const bytes = Buffer.from('FROM scratch AS Foo\nLABEL a="\xe9"\n', 'latin1');
  writeFileSync(file, bytes);
  assert.match(lint(project.folder, ['Dockerfile']).out, /StageNameCasing/);
  const { code, err } = lint(project.folder, ['Dockerfile', '--fix']);
  assert.equal(code, 2);
  assert.match(err, /^slipway lint: Dockerfile: not UTF-8, which --fix would not keep as it is$/m);
  assert.deepEqual(readFileSync(file), bytes);
});

test('a report that cannot be written is told; one that nobody reads any more is not', () => {
  using project = folderWith({ Dockerfile: 'FROM scratch AS Foo\n' });
  const run = (shell: string) =>
    spawnSync('sh', ['-c', shell, SCRIPT, process.execPath, module], { cwd: project.folder, encoding: 'utf8' });
  const full = run('"$1" -e "$0" "$2" Dockerfile > /dev/full');
  assert.equal(full.status, 2);
  assert.match(full.stderr, /^slipway lint: cannot write the report: ENOSPC/m);
  const closed = run('{ "$1" -e "$0" "$2" Dockerfile; echo "code $?" >&2; } | true');
  assert.equal(closed.stderr, 'code 0\n');
});

test('--fix keeps the file’s mode and what points to it', () => {
  using project = folderWith({ real: 'FROM scratch AS Foo\n' });
  const file = path.join(project.folder, 'real');
  const link = path.join(project.folder, 'Dockerfile');
  chmodSync(file, 0o640);
  symlinkSync('real', link);
  lint(project.folder, ['Dockerfile', '--fix']);
  assert.equal(readFileSync(file, 'utf8'), 'FROM scratch AS foo\n');
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(statSync(file).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(project.folder).toSorted(), ['Dockerfile', 'real']);
});

test('presets and other tools’ names', () => {
  using project = folderWith({ Dockerfile: 'FROM debian AS Foo\nMAINTAINER me\n' });
  const rules = (...argv: string[]): unknown =>
    JSON.parse(lint(project.folder, ['Dockerfile', '--format=json', ...argv]).out).map(
      ({ rule, severity }: Record<string, string>) => `${rule} ${severity}`,
    );
  assert.deepEqual(rules('--preset', 'buildkit'), ['StageNameCasing warning', 'MaintainerDeprecated warning']);
  assert.deepEqual(rules('--preset=hadolint'), ['DL3006 warning', 'MaintainerDeprecated error']);
  assert.deepEqual(rules('--preset=hadolint', '--rule', 'DL4000=info', '--rule=DL3006=off'), [
    'MaintainerDeprecated information',
  ]);
});

test('build arguments and target', () => {
  using project = folderWith({ Dockerfile: 'FROM scratch AS a\nCOPY $x /\nFROM scratch\nARG d=x\nWORKDIR $d\n' });
  const rules = (...argv: string[]): string[] =>
    JSON.parse(lint(project.folder, ['Dockerfile', '--format=json', ...argv]).out).map(
      ({ rule }: { rule: string }) => rule,
    );
  assert.deepEqual(rules(), ['UndefinedVar', 'WorkdirRelativePath']);
  assert.deepEqual(rules('--target', '1', '--build-arg', 'd=/srv'), []);
  const { code, err } = lint(project.folder, ['Dockerfile', '--target', 'nope']);
  assert.equal(code, 2);
  assert.match(err, /^slipway lint: Dockerfile: target stage "nope" could not be found$/m);
});

test('ShellCheck’s findings, where the program is', (context) => {
  if (spawnSync('shellcheck', ['--version']).error !== undefined) return context.skip('no shellcheck on this machine');
  using project = folderWith({ Dockerfile: 'FROM debian:12\nRUN echo $X\n# hadolint ignore=SC2086\nRUN echo $Y\n' });
  const codes = (...argv: string[]): unknown =>
    JSON.parse(lint(project.folder, ['Dockerfile', '--format=json', ...argv]).out)
      .filter(({ rule }: { rule: string }) => rule.startsWith('SC2086'))
      .map(({ line, severity }: { line: number; severity: string }) => [line, severity]);
  assert.deepEqual(codes(), [[2, 'information']]);
  assert.deepEqual(codes('--rule', 'SC2086=error'), [[2, 'error']]);
  assert.deepEqual(codes('--shellcheck', 'off'), []);
});
