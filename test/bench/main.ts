/**
 * `npm run bench -- SUITE… [--only TEXT]`: Slipway and its peers in turn, in one run, on this machine; medians and ratios.
 * A run of a whole suite is also written to docs/performance.md.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { setUpForTests } from '../../tools/setup.ts';
import { progressOn } from '../../tools/setup/progress.ts';
import { writeSection } from './document.ts';
import { describeMachine, load } from './machine.ts';
import { measure } from './measure.ts';
import type { BenchSuite, Contender } from './suite.ts';
import { buildApiSuite } from './suites/build-api.ts';
import { buildSuite } from './suites/build.ts';
import { engineSuite } from './suites/engine.ts';
import { lspSuite } from './suites/lsp.ts';
import { pullSuite } from './suites/pull.ts';
import { type Failure, failureLines, failuresOf, tableHead, tableRow } from './table.ts';
import { type BenchWorld, createBenchWorld } from './world.ts';

const PAGE = path.resolve(import.meta.dirname, '../../docs/performance.md');

/** Runs one suite and prints its table; with the type of its contenders closed in. */
type Runner = (world: BenchWorld, only: string | undefined) => Promise<void>;

function runner<C extends Contender>(suite: BenchSuite<C>): readonly [string, Runner] {
  return [suite.name, (world, only) => run(suite, world, only)];
}

const SUITES: ReadonlyMap<string, Runner> = new Map([
  runner(buildSuite),
  runner(buildApiSuite),
  runner(engineSuite),
  runner(pullSuite),
  runner(lspSuite),
]);

async function run<C extends Contender>(suite: BenchSuite<C>, world: BenchWorld, only = ''): Promise<void> {
  await using open = await suite.open(world);
  const { contenders, versions } = open;
  const loadBefore = load();
  const lines: string[] = [tableHead(contenders)];
  const failures: Failure[] = [];
  console.log(`\n${suite.title}\n\n${lines[0]}`);
  for (const bench of suite.cases.filter(({ name }) => name.includes(only))) {
    const outcomes = await measure(bench, contenders);
    const row = tableRow(bench, outcomes, contenders);
    console.log(row);
    lines.push(row);
    failures.push(...failuresOf(bench, contenders, outcomes));
  }
  for (const line of failureLines(failures)) console.log(`— ${line}`);
  if (only !== '') return;
  const notes = failureLines(failures)
    .map((line) => `\n— ${line}`)
    .join('');
  const machine = `${describeMachine()}. ${versions.join('; ')}. Load average: ${loadBefore} before, ${load()} after.`;
  const about = `## ${suite.title}\n\n${suite.about}\n\n${lines.join('\n')}\n${notes}\n\n${machine}`;
  await writeSection(PAGE, suite.name, about);
  console.log(`\nwritten to ${path.relative(process.cwd(), PAGE)}`);
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const unknown = positionals.find((name) => !SUITES.has(name));
if (unknown !== undefined || positionals.length === 0) {
  console.error(`usage: npm run bench -- SUITE… [--only TEXT]\nSuites: ${[...SUITES.keys()].join(', ')}`);
  process.exit(2);
}
await setUpForTests(progressOn());
await using world = createBenchWorld();
// Nothing is left behind by a run that is cut short.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await world[Symbol.asyncDispose]();
    process.exit(130);
  });
}
for (const name of positionals) await SUITES.get(name)?.(world, values.only);
