import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextPaths } from './context-paths.ts';
import { planSteps } from './plan.fixture.ts';

async function pathsOf(text: string) {
  return contextPaths([
    {
      index: 0,
      name: undefined,
      base: { kind: 'scratch' },
      original: '',
      config: {},
      author: undefined,
      steps: await planSteps(text),
    },
  ]);
}

test('what the steps take of the context', async () => {
  assert.deepEqual(
    await pathsOf('FROM scratch\nARG d=dir\nCOPY a ./b/../c $d/ *.txt /x/\nADD /abs /../up http://x/y /z/\n'),
    ['*.txt', 'a', 'abs', 'c', 'dir', 'up'],
  );
  assert.deepEqual(
    await pathsOf('FROM scratch\nRUN --mount=type=bind,source=m,target=/m --mount=type=cache,target=/c x\n'),
    ['m'],
  );
  assert.deepEqual(await pathsOf('FROM scratch\nRUN x\nCOPY <<E /f\nx\nE\n'), []);
  for (const all of ['.', '/', './', 'a/..'])
    assert.equal(await pathsOf(`FROM scratch\nCOPY a ${all} /x/\n`), undefined, all);
});
