import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { cgroupLayout, controllerPath } from './cgroup.ts';
import { keyValues, parseBlkio, parseIoStat, readCgroupStats } from './cgroup-stats.ts';

test('files of v1 and v2', () => {
  assert.deepEqual(keyValues('cache 1\nrss 22\nbad line here\n'), { cache: 1, rss: 22 });
  assert.deepEqual(parseBlkio('8:0 Read 10\n8:0 Write 20\nTotal 30\n'), [
    { major: 8, minor: 0, op: 'read', value: 10 },
    { major: 8, minor: 0, op: 'write', value: 20 },
  ]);
  assert.deepEqual(parseIoStat('253:1 rbytes=5 wbytes=6 rios=7 wios=8\n', 'rios', 'wios'), [
    { major: 253, minor: 1, op: 'read', value: 7 },
    { major: 253, minor: 1, op: 'write', value: 8 },
  ]);
});

function tree(files: Readonly<Record<string, string>>): { readonly root: string } & Disposable {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-cgroup-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

test('a container’s use on cgroup v2', async () => {
  using made = tree({
    'cgroup.controllers': 'cpu memory',
    'x/cpu.stat': 'usage_usec 7\nuser_usec 4\nsystem_usec 3\nnr_periods 2\nnr_throttled 1\nthrottled_usec 9\n',
    'x/memory.current': '4096\n',
    'x/memory.max': 'max\n',
    'x/memory.stat': 'inactive_file 5\n',
    'x/pids.current': '3\n',
    'x/pids.max': '10\n',
    'x/io.stat': '8:0 rbytes=1 wbytes=2 rios=3 wios=4\n',
  });
  const stats = await readCgroupStats('/x', cgroupLayout(made.root));
  assert.deepEqual(stats.cpu, { total: 7000, user: 4000, kernel: 3000, perCpu: [] });
  assert.deepEqual(stats.throttling, { periods: 2, throttled: 1, timeNs: 9000 });
  assert.deepEqual(
    [stats.memory.usage, stats.memory.limit, stats.memory.stats],
    [4096, undefined, { inactive_file: 5 }],
  );
  assert.deepEqual(stats.pids, { current: 3, limit: 10 });
  assert.equal(stats.blockIo.bytes.length, 2);
});

test('and on v1', async () => {
  using made = tree({
    'cpuacct/x/cpuacct.usage': '900\n',
    'cpuacct/x/cpuacct.stat': 'user 2\nsystem 1\n',
    'cpuacct/x/cpuacct.usage_percpu': '400 500 \n',
    'cpu/x/cpu.stat': 'nr_periods 5\nnr_throttled 4\nthrottled_time 3\n',
    'memory/x/memory.usage_in_bytes': '4096\n',
    'memory/x/memory.limit_in_bytes': '9223372036854771712\n',
    'memory/x/memory.stat': 'total_inactive_file 7\n',
    'pids/x/pids.current': '1\n',
    'pids/x/pids.max': 'max\n',
  });
  const layout = cgroupLayout(made.root);
  assert.equal(controllerPath(layout, 'pids', '/x'), path.join(made.root, 'pids/x'));
  const stats = await readCgroupStats('/x', layout);
  assert.deepEqual(stats.cpu, { total: 900, user: 2e7, kernel: 1e7, perCpu: [400, 500] });
  assert.deepEqual([stats.memory.limit, stats.memory.stats['total_inactive_file']], [undefined, 7]);
  assert.deepEqual(stats.pids, { current: 1, limit: undefined });
  assert.deepEqual(stats.blockIo.bytes, []);
});
