import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { removeEndedState } from './remove-state.ts';

function withState(
  check: (root: string, state: string, cgroups: Record<string, string>) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'slipway-state-'));
    try {
      const state = path.join(root, 'state');
      const cgroups = { memory: path.join(root, 'memory'), pids: path.join(root, 'pids'), none: '' };
      for (const directory of [state, cgroups.memory, cgroups.pids]) mkdirSync(directory);
      const text = { cgroup_paths: cgroups, init_process_pid: 4242, init_process_start: 77 };
      writeFileSync(path.join(state, 'state.json'), JSON.stringify(text));
      await check(root, state, cgroups);
    } finally {
      rmSync(root, { recursive: true });
    }
  };
}

const dead = (): undefined => undefined;

test(
  'cgroups and state of an ended container go',
  withState(async (_root, state, cgroups) => {
    rmSync(cgroups['pids'] ?? '', { recursive: true });
    assert.equal(await removeEndedState(state, dead), true);
    assert.deepEqual([existsSync(state), existsSync(cgroups['memory'] ?? '')], [false, false]);
  }),
);

test(
  'a pid that belongs to another process now does not keep it',
  withState(async (_root, state) => {
    assert.equal(await removeEndedState(state, () => '78'), true);
  }),
);

test(
  'the runtime is asked while the process lives, when cgroups are not empty, and when the state is not runc’s',
  withState(async (root, state, cgroups) => {
    assert.equal(await removeEndedState(state, () => '77'), false);
    mkdirSync(path.join(cgroups['memory'] ?? '', 'nested'));
    assert.equal(await removeEndedState(state, dead), false);
    assert.equal(existsSync(state), true);
    assert.equal(await removeEndedState(path.join(root, 'pids'), dead), false);
    assert.equal(await removeEndedState('/nonexistent', dead), false);
  }),
);
