/** Runs a case on all contenders in turn, round by round, so that what else the machine does falls on all of them. */
import { type Summary, summarise } from './statistics.ts';
import type { BenchCase, Contender, Measurement } from './suite.ts';

/** Of one contender: what it took, or why it did not do it. */
export type Outcome = Summary | { readonly failure: string };

interface Running {
  readonly contender: string;
  readonly measurement: Measurement | undefined;
  readonly results: number[];
  failure: string | undefined;
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

async function openOn<C extends Contender>(bench: BenchCase<C>, contender: C): Promise<Running> {
  const running = { contender: contender.name, results: [] };
  return await bench.open(contender).then(
    (measurement) => ({ ...running, measurement, failure: undefined }),
    (error: unknown) => ({ ...running, measurement: undefined, failure: said(error) }),
  );
}

async function round(one: Running, counts: boolean): Promise<void> {
  if (one.failure !== undefined || one.measurement === undefined) return;
  try {
    const result = await one.measurement.run();
    if (counts) one.results.push(result);
  } catch (error) {
    one.failure = said(error);
  }
}

/** @returns one outcome per contender. Throws when Slipway, the first, fails. */
export async function measure<C extends Contender>(
  bench: BenchCase<C>,
  contenders: readonly C[],
): Promise<readonly Outcome[]> {
  const running: Running[] = [];
  try {
    for (const contender of contenders) running.push(await openOn(bench, contender));
    const first = bench.warmUp === false ? 0 : -1;
    for (let number = first; number < bench.rounds; number++) {
      for (const one of running) await round(one, number >= 0);
    }
  } finally {
    for (const { measurement } of running) await measurement?.[Symbol.asyncDispose]();
  }
  const ours = running[0]?.failure;
  if (ours !== undefined) throw new Error(`${bench.name}: ${ours}`);
  return running.map(({ failure, results }) => (failure === undefined ? summarise(results) : { failure }));
}
