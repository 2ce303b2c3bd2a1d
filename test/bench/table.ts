/** One suite's results as a Markdown table. */
import type { Outcome } from './measure.ts';
import type { BenchCase, Contender, Target } from './suite.ts';

type Shown = Pick<BenchCase<Contender>, 'name' | 'unit' | 'target'>;

const digits = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));

function cell(outcome: Outcome, unit: string): string {
  if ('failure' in outcome) return '—';
  const { median, lower, upper } = outcome;
  return lower === upper
    ? `${digits(median)} ${unit}`
    : `${digits(median)} ${unit} (${digits(lower)}–${digits(upper)})`;
}

function ratio(ours: Outcome | undefined, theirs: Outcome): number | undefined {
  return ours === undefined || 'failure' in ours || 'failure' in theirs ? undefined : ours.median / theirs.median;
}

function targetText({ ratio: wanted, best, value }: Target = {}, unit: string): string {
  return [
    ...(wanted === undefined ? [] : [`≤ ${wanted}${best ? ' of the best' : ''}`]),
    ...(value === undefined ? [] : [`≤ ${value} ${unit}`]),
  ].join(', ');
}

const median = (outcome: Outcome): number => ('failure' in outcome ? Number.POSITIVE_INFINITY : outcome.median);

const quickest = (outcomes: readonly Outcome[]): Outcome | undefined =>
  outcomes.toSorted((a, b) => median(a) - median(b))[0];

/** What the target compares: ours and theirs. */
function compared(
  target: Target | undefined,
  outcomes: readonly Outcome[],
  contenders: readonly Contender[],
): readonly [ours: Outcome | undefined, theirs: Outcome | undefined] {
  const isOwn = (_: Outcome, i: number): boolean => i === 0 || contenders[i]?.own === true;
  const ways = outcomes.filter(isOwn);
  const peers = outcomes.filter((outcome, i) => !isOwn(outcome, i));
  return target?.best ? [quickest(ways), quickest(peers)] : [ways[0], peers[0]];
}

/** Whether the target is met; undefined when there is none, or nothing to compare with. */
export function verdict(
  { target }: Shown,
  outcomes: readonly Outcome[],
  contenders: readonly Contender[] = [],
): boolean | undefined {
  const [ours, theirs] = compared(target, outcomes, contenders);
  if (ours === undefined || 'failure' in ours) return undefined;
  const share = theirs === undefined ? undefined : ratio(ours, theirs);
  const held = [
    ...(target?.value === undefined ? [] : [ours.median <= target.value]),
    ...(target?.ratio === undefined || share === undefined ? [] : [share <= target.ratio]),
  ];
  return held.length === 0 ? undefined : held.every(Boolean);
}

/** Ours with which a contender is compared; none for another way of using Slipway. */
function comparedWith(contender: Contender | undefined, contenders: readonly Contender[]): number | undefined {
  if (contender?.own) return undefined;
  const { usedLike } = contender ?? {};
  return usedLike === undefined ? 0 : contenders.findIndex(({ name }) => name === usedLike);
}

export function tableHead(contenders: readonly Contender[]): string {
  const columns = contenders.slice(1).flatMap((one) => [one.name, ...(one.own ? [] : ['ratio'])]);
  const all = ['', contenders[0]?.name ?? '', ...columns, 'target', ''];
  return `| ${all.join(' | ')} |\n|${'---|'.repeat(all.length)}`;
}

export function tableRow(bench: Shown, outcomes: readonly Outcome[], contenders: readonly Contender[] = []): string {
  const cells = outcomes.slice(1).flatMap((other, i) => {
    const own = comparedWith(contenders[i + 1], contenders);
    return [cell(other, bench.unit), ...(own === undefined ? [] : [ratio(outcomes[own], other)?.toFixed(2) ?? ''])];
  });
  const held = verdict(bench, outcomes, contenders);
  const mark = held === undefined ? '' : held ? 'met' : '**missed**';
  const ours = outcomes[0] === undefined ? '' : cell(outcomes[0], bench.unit);
  return `| ${[bench.name, ours, ...cells, targetText(bench.target, bench.unit), mark].join(' | ')} |`;
}

export interface Failure {
  readonly bench: string;
  readonly contender: string;
  readonly reason: string;
}

export function failuresOf(
  bench: Shown,
  contenders: readonly Contender[],
  outcomes: readonly Outcome[],
): readonly Failure[] {
  return outcomes.flatMap((outcome, i) =>
    'failure' in outcome ? [{ bench: bench.name, contender: contenders[i]?.name ?? '', reason: outcome.failure }] : [],
  );
}

/** Why cells are empty: one line for each contender and reason, whatever the ids in it are. */
export function failureLines(failures: readonly Failure[]): readonly string[] {
  const said = failures.map((failure) => ({ ...failure, reason: failure.reason.replaceAll(/\b[0-9a-f]{64}\b/g, '…') }));
  const groups = Map.groupBy(said, ({ contender, reason }) => `${contender} cannot do this here: ${reason}`);
  return [...groups].map(([line, group]) => `${line} (${group.map(({ bench }) => bench).join('; ')})`);
}
