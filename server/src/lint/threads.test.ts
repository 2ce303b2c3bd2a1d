import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DISK } from '../files.ts';
import { readLintConfig } from './lint-config.ts';
import { lintEach, type LintRun } from './lint-each.ts';
import { readOptions } from './options.ts';
import { lintOnThreads, threadsFor } from './threads.ts';

const COUNT = 120;
let folder: string;
let files: readonly string[];
let run: LintRun;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-threads-'));
  files = Array.from({ length: COUNT }, (_, i) => {
    const file = path.join(folder, `${i}.Dockerfile`);
    if (i !== 60) writeFileSync(file, `FROM alpine\nRUN cd /${i}\n${i % 2 === 0 ? 'MAINTAINER x\n' : ''}`);
    return file;
  });
  const options = readOptions([folder], {});
  run = { options, config: readLintConfig(options, {}, DISK) };
});
after(() => rmSync(folder, { recursive: true }));

test('threads find what one does, in the order of the files, and tell of the same failures', async () => {
  const [failures, failuresOfThreads]: [string[], string[]] = [[], []];
  const alone = await lintEach(files, run, (failure) => failures.push(failure));
  const linted = await lintOnThreads(files, run, 2, (failure) => failuresOfThreads.push(failure));
  assert.equal(alone.length, COUNT - 1);
  assert.ok(alone.every(({ findings }) => findings.length > 0));
  const shown = (all: typeof alone): unknown => all.map(({ file, text, findings }) => ({ file, text, findings }));
  assert.deepEqual(shown(linted), shown(alone));
  assert.deepEqual(linted[3]?.lines.positionAt(13), { line: 1, character: 1 });
  assert.equal(failures.length, 1);
  assert.deepEqual(failuresOfThreads, failures);
});

test('a thread is worth it for hundreds of files', () => {
  assert.equal(threadsFor(0), 1);
  assert.equal(threadsFor(299), 1);
  assert.ok(threadsFor(100_000) >= 1);
});
