/**
 * `npm test [-- unit|integration|e2e] [-- FILE…] [-- --all]`: set-up, checks, build, then the tests, telling only failures
 * and a line per phase. The last line is `N passed, N failed, N skipped`. A test file whose inputs are as they were when it
 * passed is not run again, and counts as it did then; with --all, in CI (`CI` is set), and of files that are named, all are
 * run (docs/decisions/0017-tests-whose-inputs-are-unchanged.md).
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setUpForTests } from './setup.ts';
import { cachePath } from './setup/cache.ts';
import { progressOn } from './setup/progress.ts';
import { keepCompiledCode } from './test/compiled-code.ts';
import { durationRecord } from './test/durations.ts';
import { machineKey } from './test/machine-key.ts';
import { type Pass, passRecord } from './test/passes.ts';
import { runFiles } from './test/run-files.ts';
import type { Counts } from './test/tally.ts';
import { splitUnchanged } from './test/unchanged.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

interface Phase {
  readonly name: string;
  readonly files: readonly string[];
  /** Processes at the same time. */
  readonly concurrency: number;
  readonly testTimeoutMs: number;
  /** The files share the processes: they are small, and change nothing but what they make. */
  readonly together?: boolean;
  /** Once, for all files. */
  readonly prepare?: () => Promise<unknown>;
}

const PHASES: readonly Phase[] = [
  {
    name: 'unit',
    files: ['{model,client,server,runtime-agent,tools}/**/*.test.ts'],
    concurrency: 2,
    testTimeoutMs: 120_000,
    together: true,
  },
  {
    name: 'integration',
    files: ['test/{support,integration,conformance}/**/*.test.ts'],
    concurrency: 4, // they wait a good part of their time
    testTimeoutMs: 180_000,
  },
  {
    name: 'e2e',
    files: ['test/e2e/**/*.test.ts'],
    concurrency: 2,
    testTimeoutMs: 240_000,
    prepare: () => runTool('tools/package.ts'),
  },
];

interface Outcome {
  readonly counts: Counts;
  readonly skipReasons: readonly string[];
  /** By file, in ms. */
  readonly took?: ReadonlyMap<string, number>;
  readonly unchanged?: ReadonlyMap<string, Pass>;
}

interface Wanted {
  /** Parts of file names; none: every file. */
  readonly only: readonly string[];
  readonly all: boolean;
  readonly machine: string;
}

/** That many of the slowest files of a phase are told. */
const SLOWEST = 5;

/** A whole tool counts as one test: it passes or it fails. */
async function runTool(tool: string): Promise<Outcome> {
  const code = await new Promise<number>((resolve) => {
    const child = spawn(process.execPath, [path.join(ROOT, tool)], { cwd: ROOT, stdio: 'inherit' });
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
  return { counts: { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }, skipReasons: [] };
}

async function runPhase(phase: Phase, { only, all, machine }: Wanted): Promise<Outcome> {
  const every = globSync([...phase.files], { cwd: ROOT, exclude: (name) => name.includes('node_modules') });
  const wanted = every.filter((file) => only.length === 0 || only.some((part) => file.includes(part)));
  const record = passRecord(ROOT, cachePath('test-passes.json'));
  const files = wanted.map((file) => path.join(ROOT, file));
  const { changed, unchanged, keep } = splitUnchanged(files, {
    root: ROOT,
    record,
    machine,
    all: all || only.length > 0,
  });
  if (changed.length > 0) await phase.prepare?.();
  const durations = durationRecord(ROOT, cachePath('test-durations.json'));
  const ran = await runFiles(changed, { ...phase, root: ROOT, record: durations }, (line) => console.log(line));
  keep(ran.passes);
  const { passed, failed, skipped } = ran.counts;
  const held = [...unchanged.values()];
  const sum = (key: 'passed' | 'skipped'): number => held.reduce((total, pass) => total + pass[key], 0);
  return {
    counts: { passed: passed + sum('passed'), failed, skipped: skipped + sum('skipped') },
    skipReasons: [...new Set([...ran.skipReasons, ...held.flatMap(({ skipReasons }) => skipReasons)])],
    took: ran.took,
    unchanged,
  };
}

async function timed(name: string, run: () => Promise<Outcome>): Promise<Outcome> {
  const started = performance.now();
  const outcome = await run();
  const { counts, skipReasons, took } = outcome;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name}: ${line(counts)} (${seconds} s)`);
  for (const reason of skipReasons) console.log(`  skipped: ${reason}`);
  const slowest = [...(took ?? [])].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
  if (slowest.length > 1) console.log(`  slowest: ${slowest.map(told).join(', ')}`);
  return outcome;
}

/** What the counts say about now, and what about earlier. */
function tellUnchanged(outcomes: readonly Outcome[]): void {
  const held = outcomes.flatMap(({ unchanged }) => [...(unchanged?.values() ?? [])]);
  if (held.length === 0) return;
  const ran = outcomes.reduce((total, { took }) => total + (took?.size ?? 0), 0);
  const times = held.map(({ at }) => at);
  const [from, to] = [Math.min(...times), Math.max(...times)].map((at) =>
    new Date(at).toLocaleString('sv').slice(0, 16),
  );
  console.log(
    `${ran} test files were run; ${held.length} are unchanged since they passed (${from === to ? from : `${from} to ${to}`}); 'npm test -- --all' runs all`,
  );
}

function told([file, ms]: readonly [string, number]): string {
  return `${path.basename(file, '.test.ts')} ${(ms / 1000).toFixed(1)} s`;
}

function line({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

async function main(args: readonly string[]): Promise<number> {
  const names = PHASES.map(({ name }) => name);
  const phases = PHASES.filter(({ name }) => args.includes(name));
  const only = args.filter((arg) => !names.includes(arg) && arg !== '--all');
  const unitOnly = phases.length === 1 && phases[0]?.name === 'unit';
  if (!unitOnly) await setUpForTests(progressOn());
  await keepCompiledCode();
  const all = args.includes('--all') || !['', 'false'].includes(process.env['CI'] ?? '');
  const wanted = { only, all, machine: await machineKey(ROOT) };
  const outcomes: Outcome[] = [];
  if (phases.length + only.length === 0) outcomes.push(await timed('check', () => runTool('tools/check.ts')));
  if (!unitOnly) {
    const build = await timed('build', () => runTool('tools/build.ts'));
    outcomes.push(build);
    // For test/support/engine.ts.
    if (build.counts.failed === 0) process.env['SLIPWAY_TEST_BUILT'] = '1';
  }
  await emptyArtifacts(all);
  for (const phase of phases.length === 0 ? PHASES : phases) {
    outcomes.push(await timed(phase.name, () => runPhase(phase, wanted)));
  }
  await runTool('test/support/sweep.ts');
  tellUnchanged(outcomes);
  const sum = (key: keyof Counts): number => outcomes.reduce((total, { counts }) => total + counts[key], 0);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  console.log(line(total));
  return total.failed === 0 ? 0 : 1;
}

/** Screenshots of tests that are not run again still show what holds. */
async function emptyArtifacts(all: boolean): Promise<void> {
  const folder = path.join(ROOT, 'artifacts');
  await mkdir(folder, { recursive: true });
  const old = (await readdir(folder)).filter((name) => all || name.startsWith('failed'));
  await Promise.all(old.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exitCode = 1;
}
