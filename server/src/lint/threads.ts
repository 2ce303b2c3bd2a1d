/** Many files at once, on all processors. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { createLineIndex } from '#model/text/line-index.ts';
import { lintEach, type LintRun } from './lint-each.ts';
import type { LintedFile } from './linted-file.ts';

/** A thread has to load the rules and to warm up: it pays for hundreds of files. */
const WORTH_A_THREAD = 300;
/** Handed over together. */
const PART = 50;

interface Part {
  readonly at: number;
  readonly files: readonly string[];
}

/** Line indexes are functions, which do not pass between threads. */
interface LintedPart {
  readonly at: number;
  readonly linted: readonly Omit<LintedFile, 'lines'>[];
  readonly failures: readonly string[];
}

/** How many threads lint so many files; with 1 there is none but the caller's. */
export function threadsFor(files: number): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(files / WORTH_A_THREAD)));
}

/** As lintEach: in the order of the files. */
export async function lintOnThreads(
  files: readonly string[],
  run: LintRun,
  threads: number,
  failed: (failure: string) => void,
): Promise<LintedFile[]> {
  const parts: Part[] = [];
  for (let at = 0; at < files.length; at += PART) parts.push({ at, files: files.slice(at, at + PART) });
  const waiting = parts.values();
  const done: LintedPart[] = [];
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(workerFile(), { workerData: run });
      try {
        for (const part of waiting) {
          worker.postMessage(part);
          const [linted] = (await once(worker, 'message')) as [LintedPart];
          done.push(linted);
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  done.sort((a, b) => a.at - b.at);
  for (const failure of done.flatMap(({ failures }) => failures)) failed(failure);
  return done.flatMap(({ linted }) => linted.map((file) => ({ ...file, lines: createLineIndex(file.text) })));
}

/** It lies beside this module, whether that is the bundle or its source. */
function workerFile(): string {
  const { dir, ext } = path.parse(import.meta.filename);
  return path.join(dir, `lint-worker${ext}`);
}

/** What a thread does: lints what it is handed until it is ended. */
export function work(): void {
  parentPort?.on('message', async ({ at, files }: Part) => {
    const failures: string[] = [];
    const linted = await lintEach(files, workerData as LintRun, (failure) => failures.push(failure));
    const answer: LintedPart = { at, linted: linted.map(({ lines: _lines, ...file }) => file), failures };
    parentPort?.postMessage(answer);
  });
}
