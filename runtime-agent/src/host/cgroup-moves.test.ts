import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCgroupMoves, ownCgroupProcs } from './cgroup-moves.ts';

function folder(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-cgroup-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function withProcs(t: TestContext, cgroup: string): { readonly root: string; readonly file: string } {
  const root = folder(t);
  const file = path.join(root, cgroup, 'cgroup.procs');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  return { root, file };
}

for (const [what, memberships, cgroup] of [
  ['v2', '0::/system.slice/slipway.service\n', 'system.slice/slipway.service'],
  ['hybrid', '9:name=systemd:/\n0::/user.slice\n', 'unified/user.slice'],
  ['v1', '3:cpuset:/missing\n2:cpu,cpuacct:/a:b\n', 'cpu,cpuacct/a:b'],
  ['a named hierarchy', '9:name=systemd:/x\n', 'systemd/x'],
] as const)
  test(`the own cgroup is found: ${what}`, (t) => {
    const { root, file } = withProcs(t, cgroup);
    assert.equal(ownCgroupProcs(memberships, root), file);
  });

test('no cgroup to be seen is none', (t) => assert.equal(ownCgroupProcs('0::/elsewhere\n', folder(t)), undefined));

test('the lock is taken as long as a move is expected, and no longer', async (t) => {
  const { file } = withProcs(t, '.');
  const moves = createCgroupMoves(() => file);
  const taken = (): number => readFileSync(file, 'utf8').length;
  moves.expect();
  moves.expect();
  await sleep(150);
  const before = taken();
  assert.ok(before > 0, 'once at least, however slow the machine is');
  await sleep(50);
  assert.equal(taken(), before);
  moves.expect();
  await sleep(150);
  assert.ok(taken() > before);
});

test('where it is not allowed, it is tried once', async (t) => {
  let tried = 0;
  const moves = createCgroupMoves(() => {
    tried++;
    return path.join(folder(t), 'missing');
  });
  for (let i = 0; i < 3; i++) {
    moves.expect();
    await sleep(20);
  }
  assert.equal(tried, 1);
});

test('a process stays in the cgroups in which it is', {
  skip: ownCgroupProcs() === undefined && 'no cgroups here',
}, async () => {
  const before = readFileSync('/proc/self/cgroup', 'utf8');
  createCgroupMoves().expect();
  await sleep(80);
  assert.equal(readFileSync('/proc/self/cgroup', 'utf8'), before);
});
