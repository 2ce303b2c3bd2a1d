import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { execFileSync } from 'node:child_process';

interface Outcome {
  readonly lines: readonly string[];
  readonly ran: { readonly counts: object; readonly skipReasons: readonly string[] };
}

/** In a process of its own: node:test runs no files from within a test. */
const RUNNER = `
  const { runFiles } = await import(${JSON.stringify(pathToFileURL(`${import.meta.dirname}/run-files.ts`))});
  const { durationRecord } = await import(${JSON.stringify(pathToFileURL(`${import.meta.dirname}/durations.ts`))});
  const [root, ...files] = process.argv.slice(2);
  const record = durationRecord(root, root + '/durations.json');
  const lines = [];
  const ran = await runFiles(files, { concurrency: 1, testTimeoutMs: 2000, root, record }, (line) => lines.push(line));
  process.stdout.write(JSON.stringify({ lines, ran }));
`;

async function outcome(sources: Readonly<Record<string, string>>): Promise<{ text: string; counts: object }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-tally-'));
  try {
    const files = Object.keys(sources).map((name) => path.join(directory, name));
    for (const file of files) await writeFile(file, sources[path.basename(file)] ?? '');
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const runner = path.join(directory, 'runner.mjs');
    await writeFile(runner, RUNNER);
    const args = ['--no-warnings', runner, directory, ...files];
    const { lines, ran } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env })) as Outcome;
    return { text: [...lines, ...ran.skipReasons].join('\n'), counts: ran.counts };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

test('counts tests once, however they are nested, and tells failures with their place', async () => {
  const { text, counts } = await outcome({
    'a.test.mjs': `
      import { describe, it, test } from 'node:test';
      import assert from 'node:assert/strict';
      test('fine', () => {});
      test('left out', { skip: 'needs a moon' }, () => {});
      describe('group', () => {
        it('good', () => {});
        it('bad', () => assert.equal(1, 2));
      });`,
    'b.test.mjs': `console.log('words of b'); throw new Error('cannot load');`,
  });
  assert.deepEqual(counts, { passed: 2, failed: 2, skipped: 1 });
  assert.match(text, /FAILED a\.test\.mjs > group > bad/);
  assert.match(text, /FAILED b\.test\.mjs\n/);
  assert.match(text, /words of b/);
  assert.match(text, /needs a moon/);
});

test('a test that hangs fails, and the run goes on', async () => {
  const { text, counts } = await outcome({
    'hang.test.mjs': `
      import { test } from 'node:test';
      test('for ever', () => new Promise(() => setInterval(() => {}, 1000)));`,
    'leak.test.mjs': `
      import { test } from 'node:test';
      test('leaves a timer', () => void setInterval(() => {}, 1000));`,
  });
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 });
  assert.match(text, /for ever/);
});
