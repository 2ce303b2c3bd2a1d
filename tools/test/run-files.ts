/** Runs test files with node:test: each in a process of its own, or many together in a few processes. */
import path from 'node:path';
import { run } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import type { DurationRecord } from './durations.ts';
import type { Pass } from './passes.ts';
import { type Counts, type Tally, tallyTests } from './tally.ts';

export interface RunFilesOptions {
  /** Processes at the same time. */
  readonly concurrency: number;
  /** Of a test, and of a file that is run together with others. */
  readonly testTimeoutMs: number;
  readonly root: string;
  readonly record: DurationRecord;
  /** As many processes as may run at the same time share the files; default: each file has its own. */
  readonly together?: boolean;
}

interface Ran {
  readonly counts: Counts;
  readonly skipReasons: readonly string[];
  /** By file, in ms. */
  readonly took: ReadonlyMap<string, number>;
  /** The files that passed at once. */
  readonly passes: ReadonlyMap<string, Pass>;
}

/** More failing files than these are no accident of a busy machine: they are not run again. */
const AGAIN_LIMIT = 4;

const TOGETHER = path.join(import.meta.dirname, 'together.ts');

/**
 * A file with a failure is run once more, alone, and its second outcome counts: tests of a real kernel share one machine
 * with their neighbours. Both runs are told, so that a test that needs a second try is seen.
 */
export async function runFiles(
  files: readonly string[],
  options: RunFilesOptions,
  print: (line: string) => void,
): Promise<Ran> {
  const first = options.together === true ? await runTogether(files, options, print) : undefined;
  const ran = first ?? (await runOnce(files, options, print));
  if (first !== undefined) await runUnheard(files, ran, options, print);
  const failing = [...ran.tallies].filter(([file, tally]) => files.includes(file) && tally.counts().failed > 0);
  if (failing.length <= AGAIN_LIMIT && files.length > 1) {
    for (const [file] of failing) {
      const again = await runOnce([file], { ...options, concurrency: 1 }, print);
      const name = path.relative(options.root, file);
      const passed = [...again.tallies.values()].every((tally) => tally.counts().failed === 0);
      print(`${passed ? 'FLAKY' : 'FAILED TWICE'} ${name}: run again alone, it ${passed ? 'passes' : 'fails as well'}`);
      ran.tallies.delete(file);
      for (const [key, tally] of again.tallies) ran.tallies.set(`${key} again`, tally);
    }
  }
  const all = [...ran.tallies.values()];
  const sum = (key: keyof Counts): number => all.reduce((total, tally) => total + tally.counts()[key], 0);
  options.record.keep(ran.took);
  return {
    counts: { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') },
    skipReasons: [...new Set(all.flatMap((tally) => tally.skipReasons()))],
    took: ran.took,
    passes: passesOf(files, ran),
  };
}

function passesOf(files: readonly string[], { tallies }: Once): Map<string, Pass> {
  const passes = new Map<string, Pass>();
  for (const file of files) {
    const tally = tallies.get(file);
    const { passed, failed, skipped } = tally?.counts() ?? { passed: 0, failed: 0, skipped: 0 };
    if (failed > 0 || passed + skipped === 0) continue;
    passes.set(file, { passed, skipped, skipReasons: tally?.skipReasons() ?? [], at: Date.now() });
  }
  return passes;
}

interface Once {
  /** By file; what belongs to none is under ''. */
  readonly tallies: Map<string, Tally>;
  readonly took: Map<string, number>;
}

async function runOnce(
  files: readonly string[],
  { concurrency, testTimeoutMs, root, record }: RunFilesOptions,
  print: (line: string) => void,
): Promise<Once> {
  const once = collect(root, print);
  // A test that has leaked a timer or a socket must not keep the run from ending.
  const execArgv = [`--test-timeout=${testTimeoutMs}`, '--test-force-exit', '--no-warnings'];
  const events = run({ files: record.longestFirst(files), concurrency, execArgv });
  for await (const event of events) {
    const file = event.data !== undefined && 'file' in event.data ? event.data.file : undefined;
    once.take(file ?? '', event);
    if (event.type === 'test:summary' && file !== undefined) once.took.set(file, event.data.duration_ms);
  }
  return once;
}

/** The events of a suite that together.ts made of a file are the file's. */
async function runTogether(
  files: readonly string[],
  { concurrency, testTimeoutMs, root, record }: RunFilesOptions,
  print: (line: string) => void,
): Promise<Once> {
  const once = collect(root, print);
  const process = async (share: readonly string[]): Promise<void> => {
    const argv = [String(testTimeoutMs), ...share];
    for await (const event of run({ files: [TOGETHER], argv, execArgv: ['--no-warnings'] })) {
      const { file, event: own } = fileOf(event, share);
      if (file === undefined) continue;
      once.take(file, own);
      const isEnd = own.type === 'test:pass' || own.type === 'test:fail';
      if (isEnd && own.data.nesting === 0 && own.data.name === file) once.took.set(file, own.data.details.duration_ms);
    }
  };
  await Promise.all(record.share(files, concurrency).map(process));
  return once;
}

/** An event within the suite of a file, as it would be if the file had been run by itself; others have no file. */
function fileOf(event: TestEvent, files: readonly string[]): { readonly file?: string; readonly event: TestEvent } {
  const { data } = event;
  if (data === undefined || !('nesting' in data) || !('name' in data) || data.nesting === 0) return { event };
  const file = data.file === TOGETHER ? data.name : data.file;
  if (file === undefined || !files.includes(file)) return { event };
  return { file, event: { ...event, data: { ...data, file, nesting: data.nesting - 1 } } as TestEvent };
}

/** Files whose process ended before they did are run by themselves. */
async function runUnheard(
  files: readonly string[],
  ran: Once,
  options: RunFilesOptions,
  print: (line: string) => void,
): Promise<void> {
  const unheard = files.filter((file) => !ran.took.has(file));
  if (unheard.length === 0) return;
  print(`${unheard.length} files were cut short by another in the same process: they are run one by one`);
  const alone = await runOnce(unheard, options, print);
  for (const [file, tally] of alone.tallies) ran.tallies.set(file, tally);
  for (const [file, ms] of alone.took) ran.took.set(file, ms);
}

function collect(root: string, print: (line: string) => void): Once & { take(file: string, event: TestEvent): void } {
  const tallies = new Map<string, Tally>();
  return {
    tallies,
    took: new Map(),
    take(file, event) {
      const tally = tallies.get(file) ?? tallyTests(print, root);
      tallies.set(file, tally);
      tally.take(event);
    },
  };
}
