/** What a benchmark is: cases as data, measured on several contenders in turn. A suite is one file in suites/. */
import type { BenchWorld } from './world.ts';

export interface Contender {
  /** As the table's head shows it; the first one of a suite is Slipway. */
  readonly name: string;
  /** Another way of using Slipway. Where a target means the best peer, the quickest way counts. */
  readonly own?: true;
  /** A peer that is used in such a way: its ratio is that of the contender with this name. Default: the first one's. */
  readonly usedLike?: string;
}

/** A case made ready on one contender. */
export interface Measurement extends AsyncDisposable {
  /** One round: milliseconds or megabytes of the part that counts. */
  run(): Promise<number>;
}

export interface Target {
  /** Wanted: our median divided by that of the first peer is at most this… */
  readonly ratio?: number;
  /** …or that of our quickest way by that of the best peer. */
  readonly best?: true;
  /** …and our median is at most this, in the case's unit. */
  readonly value?: number;
}

export interface BenchCase<C extends Contender> {
  readonly name: string;
  readonly unit: 'ms' | 'MB';
  readonly rounds: number;
  /** Whether a round comes first whose result is thrown away. Default: true. */
  readonly warmUp?: boolean;
  readonly target?: Target;
  /** Throws where this contender cannot do it; the table says so. */
  open(contender: C): Promise<Measurement>;
}

export interface OpenSuite<C extends Contender> extends AsyncDisposable {
  readonly contenders: readonly C[];
  /** One line per contender and tool: names with versions, for docs/performance.md. */
  readonly versions: readonly string[];
}

export interface BenchSuite<C extends Contender> {
  /** `npm run bench -- NAME` */
  readonly name: string;
  readonly title: string;
  /** Two or three sentences above the table: how it is measured. */
  readonly about: string;
  readonly cases: readonly BenchCase<C>[];
  open(world: BenchWorld): Promise<OpenSuite<C>>;
}

const nothing = async (): Promise<void> => {};

/** A case without preparation. */
export function each<C extends Contender>(run: (contender: C) => Promise<number>): BenchCase<C>['open'] {
  return async (contender) => ({ run: () => run(contender), [Symbol.asyncDispose]: nothing });
}

/** Milliseconds that `work` took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
