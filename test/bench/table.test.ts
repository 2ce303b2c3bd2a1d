import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureLines, failuresOf, tableHead, tableRow, verdict } from './table.ts';

const exec = { name: 'exec', unit: 'ms', target: { ratio: 0.5, value: 30 } } as const;
const of = (median: number) => ({ median, lower: median - 1, upper: median + 2 });

test('a row has medians, quartiles, ratios, targets and the verdict', () => {
  const contenders = [{ name: 'slipway' }, { name: 'docker' }, { name: 'podman' }];
  assert.equal(
    tableHead(contenders),
    '|  | slipway | docker | ratio | podman | ratio | target |  |\n|---|---|---|---|---|---|---|---|',
  );
  const outcomes = [of(25), of(100), { failure: 'no such thing' }];
  assert.equal(
    tableRow(exec, outcomes),
    '| exec | 25 ms (24–27) | 100 ms (99–102) | 0.25 | — |  | ≤ 0.5, ≤ 30 ms | met |',
  );
  const failures = [{ bench: 'exec', contender: 'podman', reason: 'no such thing' }];
  assert.deepEqual(failuresOf(exec, contenders, outcomes), failures);
});

test('why cells are empty is said once for each reason', () => {
  const of = (bench: string, digit: string) => ({ bench, contender: 'podman', reason: `no ${digit.repeat(64)}` });
  assert.deepEqual(failureLines([of('exec', 'a'), of('stop', 'b'), { ...of('pull', 'c'), reason: 'no room' }]), [
    'podman cannot do this here: no … (exec; stop)',
    'podman cannot do this here: no room (pull)',
  ]);
});

test('both targets count; without a peer only the absolute one', () => {
  assert.equal(verdict(exec, [of(25), of(40)]), false);
  assert.equal(verdict(exec, [of(31), of(100)]), false);
  assert.equal(verdict(exec, [of(25)]), true);
  assert.equal(verdict({ ...exec, target: { ratio: 0.5 } }, [of(25), { failure: 'no' }]), undefined);
  assert.match(tableRow(exec, [of(31), of(100)]), /\*\*missed\*\*/);
});

test('a target may mean the best peer, and the quickest way of using Slipway; a peer is compared with what is used like it', () => {
  const best = { ...exec, target: { ratio: 0.5, best: true } } as const;
  const contenders = [
    { name: 'slipway' },
    { name: 'otherwise', own: true } as const,
    { name: 'a' },
    { name: 'b', usedLike: 'otherwise' },
  ];
  assert.equal(verdict(best, [of(25), of(21), of(100), of(40)], contenders), false);
  assert.equal(verdict(best, [of(25), of(10), of(100), of(40)], contenders), true);
  assert.equal(verdict(best, [of(10), { failure: 'no' }, { failure: 'no' }, of(50)], contenders), true);
  assert.equal(verdict(exec, [of(25), of(1), of(100), of(40)], contenders), true, 'the first of each');
  assert.equal(
    tableHead(contenders),
    '|  | slipway | otherwise | a | ratio | b | ratio | target |  |\n|---|---|---|---|---|---|---|---|---|',
  );
  assert.equal(
    tableRow(best, [of(25), of(30), of(100), of(40)], contenders),
    '| exec | 25 ms (24–27) | 30 ms (29–32) | 100 ms (99–102) | 0.25 | 40 ms (39–42) | 0.75 | ≤ 0.5 of the best | **missed** |',
  );
});
