import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { spawnSync } from 'node:child_process';

const HEAD = "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n";

/** node:test does not run inside node:test: the runner is started in a process of its own. */
function runInto(bodies: Readonly<Record<string, string>>, more: object = {}): { counts: object; told: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-run-'));
  try {
    const files = Object.entries(bodies).map(([name, body]) => {
      const file = path.join(folder, name);
      writeFileSync(file, HEAD + body.replaceAll('FOLDER', folder));
      return file;
    });
    const script = `import { runFiles } from ${JSON.stringify(path.join(import.meta.dirname, 'run-files.ts'))};
      import { durationRecord } from ${JSON.stringify(path.join(import.meta.dirname, 'durations.ts'))};
      const told = [];
      const root = ${JSON.stringify(folder)};
      const record = durationRecord(root, root + '/durations.json');
      const options = { concurrency: 2, testTimeoutMs: 20000, root, record, ...${JSON.stringify(more)} };
      const { counts } = await runFiles(${JSON.stringify(files)}, options, (line) => told.push(line));
      process.stdout.write(JSON.stringify({ counts, told: told.join('\\n') }));`;
    const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
    const runner = path.join(folder, 'runner.mjs');
    writeFileSync(runner, script);
    const result = spawnSync(process.execPath, ['--no-warnings', runner], { env, encoding: 'utf8' });
    assert.equal(result.status, 0, result.stderr);
    return JSON.parse(result.stdout) as { counts: object; told: string };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('counts over all files; what fails twice has failed', () => {
  const { counts, told } = runInto({
    'good.test.mjs': "test('a', () => {});\ntest('b', { skip: 'why' }, () => {});\n",
    'bad.test.mjs': "test('c', () => assert.fail('always'));\ntest('d', () => {});\n",
  });
  assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 1 });
  assert.match(told, /FAILED bad\.test\.mjs > c[\s\S]*FAILED TWICE bad\.test\.mjs/);
});

test('what passes alone the second time counts as passed, and is told as flaky', () => {
  const { counts, told } = runInto({
    'good.test.mjs': "test('a', () => {});\n",
    'flaky.test.mjs':
      "import { existsSync, writeFileSync } from 'node:fs';\ntest('f', () => {\n  const seen = existsSync('FOLDER/mark');\n  writeFileSync('FOLDER/mark', '');\n  assert.ok(seen);\n});\n",
  });
  assert.deepEqual(counts, { passed: 2, failed: 0, skipped: 0 });
  assert.match(told, /FAILED flaky\.test\.mjs > f[\s\S]*FLAKY flaky\.test\.mjs/);
});

test('together in one process, each file has its own hooks, failures and skips', () => {
  const hooks =
    "import { afterEach, before } from 'node:test';\nlet n = 0;\nbefore(() => n++);\nafterEach(() => n++);\n";
  const { counts, told } = runInto(
    {
      'a.test.mjs': `${hooks}test('one', () => assert.equal(n, 1));\ntest('two', () => assert.equal(n, 2));\n`,
      'b.test.mjs': `${hooks}test('three', () => assert.equal(n, 1));\ntest('no', () => assert.fail('always'));\n`,
      'c.test.mjs': "test('s', { skip: 'why' }, () => {});\nthrow new Error('cannot load');\n",
    },
    { together: true, concurrency: 1 },
  );
  assert.deepEqual(counts, { passed: 3, failed: 2, skipped: 0 });
  assert.match(told, /FAILED b\.test\.mjs > no[\s\S]*FAILED TWICE b\.test\.mjs/);
  assert.match(told, /FAILED c\.test\.mjs\n.*cannot load/);
});

test('together in one process, results are not lost and leaks end with the tests', () => {
  const many = Array.from({ length: 300 }, (_, i) => `test('${'long name '.repeat(20)}${i}', () => {});`).join('\n');
  const { counts, told } = runInto(
    { 'a.test.mjs': `${many}\n`, 'b.test.mjs': "test('leaks', () => void setInterval(() => {}, 1000));\n" },
    { together: true, concurrency: 1 },
  );
  assert.deepEqual(counts, { passed: 301, failed: 0, skipped: 0 });
  assert.equal(told, '');
});

test('together in one process, what one cuts short is run by itself', () => {
  const { counts, told } = runInto(
    {
      'a.test.mjs': "test('ends it all', () => {\n  if (process.argv.length > 2) process.exit(0);\n});\n",
      'b.test.mjs': "test('fine', () => {});\n",
    },
    { together: true, concurrency: 1 },
  );
  assert.deepEqual(counts, { passed: 2, failed: 0, skipped: 0 });
  assert.match(told, /were cut short by another/);
});
