import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { cgroupLayout } from '../runtime/cgroup.ts';
import { oomState } from './oom.ts';
import { sampleRecord } from './record.sample.ts';

const root = mkdtempSync(path.join(tmpdir(), 'slipway-oom-'));
after(() => rmSync(root, { recursive: true }));

/** A file system of cgroups, as far as the question goes. @param file below it, with its text */
function tree(name: string, files: Readonly<Record<string, string>>): string {
  for (const [file, text] of Object.entries(files)) {
    const at = path.join(root, name, file);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
  return path.join(root, name);
}

const record = sampleRecord({});
const v2 = (kills: number): Record<string, string> => ({
  'cgroup.controllers': 'cpuset cpu io memory pids\n',
  [`slipway/${record.id}/memory.events`]: `low 0\nhigh 0\nmax 12\noom 1\noom_kill ${kills}\noom_group_kill 0\n`,
});

test('v2 counts kills among the events of memory', () => {
  assert.equal(oomState(record, cgroupLayout(tree('killed', v2(1)))).kills > 0, true);
  assert.equal(oomState(record, cgroupLayout(tree('spared', v2(0)))).kills, 0);
  assert.equal(oomState({ ...record, id: 'other' }, cgroupLayout(tree('killed', v2(1)))).kills, 0);
});

test('v1 in the control file of the memory controller', () => {
  const file = `memory/slipway/${record.id}/memory.oom_control`;
  const v1 = (kills: number): string => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`;
  assert.equal(oomState(record, cgroupLayout(tree('v1', { [file]: v1(2) }))).kills > 0, true);
  assert.equal(oomState(record, cgroupLayout(tree('v1', { [file]: v1(0) }))).kills, 0);
});

test('v1 says when processes wait because none may be killed', () => {
  const file = `memory/slipway/${record.id}/memory.oom_control`;
  const v1 = (under: number): string => `oom_kill_disable 1\nunder_oom ${under}\noom_kill 0\n`;
  assert.equal(oomState(record, cgroupLayout(tree('v1', { [file]: v1(1) }))).waiting, true);
  assert.equal(oomState(record, cgroupLayout(tree('v1', { [file]: v1(0) }))).waiting, false);
});
