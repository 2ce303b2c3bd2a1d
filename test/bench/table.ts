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

/** The peer that the target means. */
function reference(target: Target | undefined, peers: readonly Outcome[]): Outcome | undefined {
  if (!target?.best) return peers[0];
  const median = (outcome: Outcome): number => ('failure' in outcome ? Number.POSITIVE_INFINITY : outcome.median);
  return peers.toSorted((a, b) => median(a) - median(b))[0];
}

/** Whether the target is met; undefined when there is none, or nothing to compare with. */
export function verdict(
  { target }: Shown,
  [ours, ...others]: readonly Outcome[],
  contenders: readonly Contender[] = [],
): boolean | undefined {
  if (ours === undefined || 'failure' in ours) return undefined;
  const peer = reference(
    target,
    others.filter((_, i) => !contenders[i + 1]?.own),
  );
  const compared = peer === undefined ? undefined : ratio(ours, peer);
  const held = [
    ...(target?.value === undefined ? [] : [ours.median <= target.value]),
    ...(target?.ratio === undefined || compared === undefined ? [] : [compared <= target.ratio]),
  ];
  return held.length === 0 ? undefined : held.every(Boolean);
}

export function tableHead(contenders: readonly Contender[]): string {
  const [ours, ...others] = contenders.map(({ name }) => name);
  const columns = ['', ours ?? '', ...others.flatMap((name) => [name, 'ratio']), 'target', ''];
  return `| ${columns.join(' | ')} |\n|${'---|'.repeat(columns.length)}`;
}

export function tableRow(bench: Shown, outcomes: readonly Outcome[], contenders: readonly Contender[] = []): string {
  const [ours, ...others] = outcomes;
  const cells = others.flatMap((other) => [cell(other, bench.unit), ratio(ours, other)?.toFixed(2) ?? '']);
  const held = verdict(bench, outcomes, contenders);
  const mark = held === undefined ? '' : held ? 'met' : '**missed**';
  const own = ours === undefined ? '' : cell(ours, bench.unit);
  return `| ${[bench.name, own, ...cells, targetText(bench.target, bench.unit), mark].join(' | ')} |`;
}

/** Why cells are empty, one line each. */
export function failureLines(
  bench: Shown,
  contenders: readonly Contender[],
  outcomes: readonly Outcome[],
): readonly string[] {
  return outcomes.flatMap((outcome, i) =>
    'failure' in outcome ? [`${bench.name}: ${contenders[i]?.name ?? ''}: ${outcome.failure}`] : [],
  );
}
