/** Runs test files with node:test, each in a process of its own. */
import path from 'node:path';
import { run } from 'node:test';
import { type Counts, type Tally, tallyTests } from './tally.ts';

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

/** More failing files than these are no accident of a busy machine: they are not run again. */
const AGAIN_LIMIT = 4;

/**
 * A file with a failure is run once more, alone, and its second outcome counts: tests of a real kernel share one machine
 * with their neighbours. Both runs are told, so that a test that needs a second try is seen.
 */
export async function runFiles(
  files: readonly string[],
  options: RunFilesOptions,
  print: (line: string) => void,
): Promise<Ran> {
  const tallies = await runOnce(files, options, print);
  const failing = [...tallies].filter(([file, tally]) => files.includes(file) && tally.counts().failed > 0);
  if (failing.length <= AGAIN_LIMIT && files.length > 1) {
    for (const [file] of failing) {
      const again = await runOnce([file], { ...options, concurrency: 1 }, print);
      const name = path.relative(options.root, file);
      const passed = [...again.values()].every((tally) => tally.counts().failed === 0);
      print(`${passed ? 'FLAKY' : 'FAILED TWICE'} ${name}: run again alone, it ${passed ? 'passes' : 'fails as well'}`);
      tallies.delete(file);
      for (const [key, tally] of again) tallies.set(`${key} again`, tally);
    }
  }
  const all = [...tallies.values()];
  const sum = (key: keyof Counts): number => all.reduce((total, tally) => total + tally.counts()[key], 0);
  return {
    counts: { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') },
    skipReasons: [...new Set(all.flatMap((tally) => tally.skipReasons()))],
  };
}

/** By file; what belongs to none is under ''. */
async function runOnce(
  files: readonly string[],
  options: RunFilesOptions,
  print: (line: string) => void,
): Promise<Map<string, Tally>> {
  const tallies = new Map<string, Tally>();
  const tallyOf = (file: string): Tally => {
    const tally = tallies.get(file) ?? tallyTests(print, options.root);
    tallies.set(file, tally);
    return tally;
  };
  // A test that has leaked a timer or a socket must not keep the run from ending.
  const execArgv = [`--test-timeout=${options.testTimeoutMs}`, '--test-force-exit', '--no-warnings'];
  const events = run({ files: [...files], concurrency: options.concurrency, execArgv });
  for await (const event of events) {
    const file = event.data !== undefined && 'file' in event.data ? event.data.file : undefined;
    tallyOf(file ?? '').take(event);
  }
  return tallies;
}
