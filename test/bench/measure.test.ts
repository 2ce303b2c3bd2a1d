import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measure } from './measure.ts';
import type { BenchCase } from './suite.ts';

interface Counting {
  readonly name: string;
  readonly value: number;
}

function counted(log: string[], broken = ''): BenchCase<Counting> {
  return {
    name: 'counting',
    unit: 'ms',
    rounds: 2,
    async open({ name, value }) {
      if (name === broken) throw new Error('cannot do that\nmore');
      return {
        run: async () => {
          log.push(name);
          return value;
        },
        [Symbol.asyncDispose]: async () => void log.push(`end ${name}`),
      };
    },
  };
}

const CONTENDERS = [
  { name: 'a', value: 3 },
  { name: 'b', value: 5 },
];

test('contenders take turns, the first round does not count, everything is disposed of', async () => {
  const log: string[] = [];
  const outcomes = await measure(counted(log), CONTENDERS);
  assert.deepEqual(log, ['a', 'b', 'a', 'b', 'a', 'b', 'end a', 'end b']);
  assert.deepEqual(outcomes, [
    { median: 3, lower: 3, upper: 3 },
    { median: 5, lower: 5, upper: 5 },
  ]);
});

test('a peer that cannot do it is told with its reason; that Slipway cannot is an error', async () => {
  const log: string[] = [];
  assert.deepEqual((await measure(counted(log, 'b'), CONTENDERS))[1], { failure: 'cannot do that' });
  await assert.rejects(measure(counted(log, 'a'), CONTENDERS), /counting: cannot do that/);
  assert.deepEqual(log.slice(-3), ['b', 'b', 'end b']);
});
