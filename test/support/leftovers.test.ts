import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { engineNames } from '../../runtime-agent/src/network/names.ts';
import { ENGINE_FOLDER, OWNER_FILE, removeAbandonedEngines, removeLeftovers } from './leftovers.ts';

const skip = process.getuid?.() !== 0 && 'needs root';

test('finds and removes processes, mounts, links and tables of an engine', { skip }, async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-left-'));
  const mounted = path.join(directory, 'data', 'volume');
  const { table, defaultBridge } = engineNames(path.join(directory, 'data'));
  const child = spawn('sleep', ['60'], { argv0: `${directory}/sleeper` });
  try {
    await mkdir(mounted, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', 'none', mounted]);
    execFileSync('ip', ['link', 'add', defaultBridge, 'type', 'bridge']);
    execFileSync('ip', ['link', 'add', 'slipway-left', 'type', 'veth', 'peer', 'name', 'slipway-peer']);
    execFileSync('ip', ['link', 'set', 'slipway-left', 'master', defaultBridge]);
    execFileSync('nft', ['add', 'table', 'inet', table]);
    const exited = once(child, 'exit');
    const left = await removeLeftovers(directory);
    assert.deepEqual(
      left.map((line) => line.replace(/ \d+:/, ':')),
      [`process: ${directory}/sleeper 60`, `mount ${mounted}`, `link slipway-left on ${defaultBridge}`],
    );
    await exited;
    assert.equal(existsSync(`/sys/class/net/${defaultBridge}`), false);
    assert.doesNotMatch(execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }), new RegExp(table));
    assert.deepEqual(await removeLeftovers(directory), []);
  } finally {
    child.kill('SIGKILL');
    await removeLeftovers(directory);
    await rm(directory, { recursive: true, force: true });
  }
});

test('an engine whose test is gone is removed, one whose test still runs is not', { skip }, async () => {
  const gone = spawn('true');
  await once(gone, 'exit');
  const folders = await Promise.all([1, 2].map(() => mkdtemp(path.join(tmpdir(), ENGINE_FOLDER))));
  const [abandoned = '', inUse = ''] = folders;
  const sleeper = spawn('sleep', ['60'], { argv0: `${abandoned}/sleeper` });
  try {
    await writeFile(path.join(abandoned, OWNER_FILE), String(gone.pid));
    await writeFile(path.join(inUse, OWNER_FILE), String(process.pid));
    const left = await removeAbandonedEngines();
    assert.ok(left.includes(`process ${sleeper.pid}: ${abandoned}/sleeper 60`));
    assert.deepEqual([existsSync(abandoned), existsSync(inUse)], [false, true]);
  } finally {
    sleeper.kill('SIGKILL');
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  }
});

test('a process of a container is found although nothing in it names the engine', { skip }, async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-left-'));
  const id = path.basename(directory);
  const hierarchy = existsSync('/sys/fs/cgroup/pids') ? '/sys/fs/cgroup/pids' : '/sys/fs/cgroup';
  const cgroup = path.join(hierarchy, id);
  const child = spawn('sleep', ['60']);
  try {
    await mkdir(path.join(directory, 'data', 'containers', id), { recursive: true });
    await mkdir(cgroup);
    await writeFile(path.join(cgroup, 'cgroup.procs'), String(child.pid));
    const exited = once(child, 'exit');
    assert.deepEqual(await removeLeftovers(directory, 0), [`process ${child.pid}: sleep 60`]);
    await exited;
  } finally {
    child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
    await rmdir(cgroup);
  }
});
