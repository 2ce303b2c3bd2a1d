/** Runs test files with node:test, each in a process of its own. */
import { run } from 'node:test';
import { type Counts, tallyTests } from './tally.ts';

interface RunFilesOptions {
  /** Files at the same time. */
  readonly concurrency: number;
  readonly testTimeoutMs: number;
  readonly root: string;
}

interface Ran {
  readonly counts: Counts;
  readonly skipReasons: readonly string[];
}

export async function runFiles(
  files: readonly string[],
  options: RunFilesOptions,
  print: (line: string) => void,
): Promise<Ran> {
  const tally = tallyTests(print, options.root);
  // A test that has leaked a timer or a socket must not keep the run from ending.
  const execArgv = [`--test-timeout=${options.testTimeoutMs}`, '--test-force-exit', '--no-warnings'];
  const events = run({ files: [...files], concurrency: options.concurrency, execArgv });
  for await (const event of events) tally.take(event);
  return { counts: tally.counts(), skipReasons: tally.skipReasons() };
}
