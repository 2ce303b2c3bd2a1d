/**
 * `npm test [-- unit|integration|e2e] [-- FILE…]`: set-up, checks, build, then the tests, telling only failures and a
 * line per phase. The last line is `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setUpForTests } from './setup.ts';
import { cachePath } from './setup/cache.ts';
import { progressOn } from './setup/progress.ts';
import { keepCompiledCode } from './test/compiled-code.ts';
import { durationRecord } from './test/durations.ts';
import { runFiles } from './test/run-files.ts';
import type { Counts } from './test/tally.ts';

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
    files: ['{model,client,server,runtime-agent,tools,syntaxes}/**/*.test.ts'],
    concurrency: 2,
    testTimeoutMs: 120_000,
    together: true,
  },
  {
    name: 'integration',
    files: ['test/{support,integration,conformance}/**/*.test.ts'],
    concurrency: 3, // they wait a good part of their time
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

async function runPhase(phase: Phase, only: readonly string[]): Promise<Outcome> {
  await phase.prepare?.();
  const all = globSync([...phase.files], { cwd: ROOT, exclude: (name) => name.includes('node_modules') });
  const wanted = all.filter((file) => only.length === 0 || only.some((part) => file.includes(part)));
  const files = wanted.map((file) => path.join(ROOT, file));
  const record = durationRecord(ROOT, cachePath('test-durations.json'));
  return runFiles(files, { ...phase, root: ROOT, record }, (line) => console.log(line));
}

async function timed(name: string, run: () => Promise<Outcome>): Promise<Counts> {
  const started = performance.now();
  const { counts, skipReasons, took } = await run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name}: ${line(counts)} (${seconds} s)`);
  for (const reason of skipReasons) console.log(`  skipped: ${reason}`);
  const slowest = [...(took ?? [])].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
  if (slowest.length > 1) console.log(`  slowest: ${slowest.map(told).join(', ')}`);
  return counts;
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
  const only = args.filter((arg) => !names.includes(arg));
  const unitOnly = phases.length === 1 && phases[0]?.name === 'unit';
  if (!unitOnly) await setUpForTests(progressOn());
  await keepCompiledCode();
  const results: Counts[] = [];
  if (args.length === 0) results.push(await timed('check', () => runTool('tools/check.ts')));
  if (!unitOnly) results.push(await timed('build', () => runTool('tools/build.ts')));
  await rm(path.join(ROOT, 'artifacts'), { recursive: true, force: true });
  await mkdir(path.join(ROOT, 'artifacts'));
  for (const phase of phases.length === 0 ? PHASES : phases) {
    results.push(await timed(phase.name, () => runPhase(phase, only)));
  }
  await runTool('test/support/sweep.ts');
  const sum = (key: keyof Counts): number => results.reduce((total, counts) => total + counts[key], 0);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  console.log(line(total));
  return total.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exitCode = 1;
}
