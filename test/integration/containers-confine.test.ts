/** What a container may use and do: limits, capabilities, users, namespaces, mounts, health. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ask,
  create,
  exec,
  inspect,
  logsOf,
  pullImage,
  remove,
  run,
  start,
  until,
  waitFor,
} from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let directory: string;
before(async () => {
  engine = await startTestEngine();
  await pullImage(engine);
  directory = mkdtempSync(path.join(tmpdir(), 'slipway-confine-'));
});
after(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const printed = async (script: string, host: object = {}, config: object = {}): Promise<string> =>
  (await run(engine, ['sh', '-c', script], host, config)).stdout.trim();
const status = (field: string, host: object = {}): Promise<string> =>
  printed(`grep -w ${field} /proc/self/status | tr -d '[:blank:]'`, host);
const MEBI = 1024 * 1024;

describe('limits', () => {
  test('memory, CPU and pids are in the cgroup, and change with update', async () => {
    const id = await start(engine, { host: { Memory: 64 * MEBI, NanoCpus: 5e8, PidsLimit: 50 } });
    const read = async (v1: string, v2: string): Promise<string> =>
      (
        await exec(engine, id, ['sh', '-c', `cat /sys/fs/cgroup/${v1} 2>/dev/null || cat /sys/fs/cgroup/${v2}`])
      ).stdout.trim();
    assert.equal(await read('memory/memory.limit_in_bytes', 'memory.max'), String(64 * MEBI));
    assert.match(await read('cpu/cpu.cfs_quota_us', 'cpu.max'), /^50000( 100000)?$/);
    assert.equal(await read('pids/pids.max', 'pids.max'), '50');
    await ask(engine, 'POST', `/containers/${id}/update`, { Memory: 32 * MEBI, MemorySwap: 64 * MEBI, NanoCpus: 1e9 });
    assert.equal(await read('memory/memory.limit_in_bytes', 'memory.max'), String(32 * MEBI));
    assert.match(await read('cpu/cpu.cfs_quota_us', 'cpu.max'), /^100000/);
    const { HostConfig } = await inspect(engine, id);
    assert.deepEqual([HostConfig?.Memory, HostConfig?.NanoCpus, HostConfig?.PidsLimit], [32 * MEBI, 1e9, 50]);
    await remove(engine, id);
  });

  test('who runs out of memory is killed, and said to have', async () => {
    const script = 'x=0123456789abcdef; while :; do x=$x$x; done';
    const since = Date.now() / 1000;
    const id = await start(engine, {
      command: ['sh', '-c', script],
      host: { Memory: 20 * MEBI, MemorySwap: 20 * MEBI },
    });
    assert.equal(await waitFor(engine, id), 137);
    assert.equal((await inspect(engine, id)).State?.OOMKilled, true);
    const until_ = (Date.now() / 1000 + 0.1).toFixed(2);
    const { text } = await ask(
      engine,
      'GET',
      `/events?since=${since.toFixed(2)}&until=${until_}&filters={"container":["${id}"]}`,
    );
    assert.deepEqual([...text.matchAll(/"Action":"(\w+)"/g)].map(([, action]) => action).slice(-2), ['oom', 'die']);
    await remove(engine, id);
  });

  test('a process of a container that is killed for want of memory is told of while the container lives on', async () => {
    const since = (Date.now() / 1000).toFixed(2);
    const script = '(x=0123456789abcdef; while :; do x=$x$x; done) & wait; sleep 100';
    const host = { Memory: 20 * MEBI, MemorySwap: 20 * MEBI };
    const id = await start(engine, { command: ['sh', '-c', script], host });
    let state = (await inspect(engine, id)).State;
    for (let i = 0; i < 100 && !state?.OOMKilled; i++, state = (await inspect(engine, id)).State) await sleep(50);
    assert.deepEqual([state?.OOMKilled, state?.Running], [true, true]);
    const now = (Date.now() / 1000 + 0.05).toFixed(2);
    const filters = JSON.stringify({ container: [id], event: ['oom'] });
    const { text } = await ask(engine, 'GET', `/events?since=${since}&until=${now}&filters=${filters}`);
    assert.equal(text.trim().split('\n').length, 1);
    await remove(engine, id);
  });

  test('ulimits, shm, tmpfs, oom score', async () => {
    const host = {
      Ulimits: [{ Name: 'nofile', Soft: 123, Hard: 456 }],
      ShmSize: 16 * MEBI,
      Tmpfs: { '/t': 'size=1m' },
      OomScoreAdj: 500,
    };
    const script = 'ulimit -Sn; ulimit -Hn; df -k /dev/shm /t | awk "NR>1{print \\$2}"; cat /proc/self/oom_score_adj';
    assert.deepEqual((await printed(script, host)).split('\n'), ['123', '456', '16384', '1024', '500']);
  });

  test('statistics while it runs and when it does not', async () => {
    const id = await start(engine, { command: ['sh', '-c', 'while :; do :; done'], host: { Memory: 64 * MEBI } });
    interface Stats {
      readonly name: string;
      readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
      readonly precpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
      readonly memory_stats: { readonly limit?: number; readonly usage?: number };
      readonly pids_stats: { readonly current?: number };
    }
    const stats = (await ask(engine, 'GET', `/containers/${id}/stats?stream=false`)).json<Stats>();
    assert.equal(stats.memory_stats.limit, 64 * MEBI);
    assert.ok((stats.memory_stats.usage ?? 0) > 0 && (stats.pids_stats.current ?? 0) >= 1);
    const used = stats.cpu_stats.cpu_usage.total_usage - stats.precpu_stats.cpu_usage.total_usage;
    assert.ok(used > 50_000_000, 'a busy loop shows in a second');
    const processes = (await ask(engine, 'GET', `/containers/${id}/top`)).json<{
      Titles: string[];
      Processes: string[][];
    }>();
    assert.equal(processes.Processes.length, 1);
    await ask(engine, 'POST', `/containers/${id}/kill`);
    const idle = (await ask(engine, 'GET', `/containers/${id}/stats?stream=false`)).json<Stats>();
    assert.deepEqual(idle.memory_stats, {});
    await remove(engine, id);
  });
});

describe('privileges', () => {
  test('capabilities, no-new-privileges, seccomp', async () => {
    assert.equal(await status('CapEff'), 'CapEff:00000000a80425fb');
    assert.equal(await status('CapEff', { CapDrop: ['ALL'], CapAdd: ['NET_ADMIN'] }), 'CapEff:0000000000001000');
    assert.equal(await status('NoNewPrivs', { SecurityOpt: ['no-new-privileges'] }), 'NoNewPrivs:1');
    assert.equal(await status('Seccomp'), 'Seccomp:2');
    assert.equal(await status('Seccomp', { SecurityOpt: ['seccomp=unconfined'] }), 'Seccomp:0');
    assert.equal(await printed('unshare -r true 2>/dev/null || echo refused'), 'refused');
    assert.equal(await printed('mkdir /m; mount -t tmpfs t /m 2>/dev/null && echo mounted || echo refused'), 'refused');
    const profile = JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }],
    });
    assert.equal(
      await printed('mkdir /x 2>/dev/null || echo refused', { SecurityOpt: [`seccomp=${profile}`] }),
      'refused',
    );
  });

  test('privileged sees devices and may mount', async () => {
    const script =
      'mkdir /m && mount -t tmpfs t /m && echo mounted; grep -w Seccomp /proc/self/status | tr -d "[:blank:]"; ls /dev/kmsg';
    assert.equal(await printed(script, { Privileged: true }), 'mounted\nSeccomp:0\n/dev/kmsg');
  });

  test('system files are masked or read-only', async () => {
    assert.equal(await printed('echo 1 2>/dev/null >/proc/sys/kernel/panic || echo refused'), 'refused');
    assert.equal(await printed('head -c 10 /proc/kcore | wc -c'), '0');
    assert.match(await printed('grep " /sys " /proc/mounts'), /^sysfs \/sys sysfs ro,/);
    assert.equal(await printed('touch /x 2>/dev/null || echo refused', { ReadonlyRootfs: true }), 'refused');
  });

  test('users by name, with their groups; groups to add; nobody by that name', async () => {
    assert.equal(await printed('id -u; id -g; echo $HOME', {}, { User: '4242:4343' }), '4242\n4343\n/');
    assert.match(await printed('id -G', { GroupAdd: ['777'] }), /\b777\b/);
    const id = await create(engine, { config: { User: 'nobody-here' } });
    const refused = await engine.call('POST', `/containers/${id}/start`);
    assert.match(refused.text, /unable to find user nobody-here: no matching entries in passwd file/);
    await remove(engine, id);
  });

  test('users that a container adds to its own passwd count from its next start on', async () => {
    const script = 'id -un 2>/dev/null; echo "late:x:77:78::/late:/bin/sh" >>/etc/passwd; exit 0';
    const id = await start(engine, { command: ['sh', '-c', script] });
    await waitFor(engine, id);
    await ask(engine, 'POST', `/commit?container=${id}&repo=late&tag=1`, {});
    assert.equal(await printed('id -u; id -g; echo $HOME', {}, { User: 'late', Image: 'late:1' }), '77\n78\n/late');
    await remove(engine, id);
    await ask(engine, 'DELETE', '/images/late:1');
  });
});

describe('namespaces', () => {
  test('of the host, and of other containers', async () => {
    const own = (kind: string): string => readlinkSync(`/proc/self/ns/${kind}`);
    assert.equal(await printed('readlink /proc/self/ns/pid', { PidMode: 'host' }), own('pid'));
    assert.equal(await printed('readlink /proc/self/ns/uts', { UTSMode: 'host' }), own('uts'));
    assert.equal(await printed('readlink /proc/self/ns/ipc', { IpcMode: 'host' }), own('ipc'));
    assert.notEqual(await printed('readlink /proc/self/ns/pid'), own('pid'));
    const other = await start(engine, { name: 'other', host: { IpcMode: 'shareable' } });
    assert.match(await printed('ps', { PidMode: 'container:other' }), /sleep 1000/);
    await exec(engine, other, ['sh', '-c', 'echo shared >/dev/shm/f']);
    assert.equal(await printed('cat /dev/shm/f', { IpcMode: 'container:other' }), 'shared');
    await remove(engine, other);
  });

  test('hostname, hosts and resolv.conf are files of the container’s own', async () => {
    const lines = await printed('hostname; cat /etc/hostname', {}, { Hostname: 'box' });
    assert.equal(lines, 'box\nbox');
    const id = await create(engine, { command: ['hostname'] });
    await ask(engine, 'POST', `/containers/${id}/start`);
    await waitFor(engine, id);
    assert.equal((await logsOf(engine, id)).stdout, `${id.slice(0, 12)}\n`);
    await remove(engine, id);
  });

  test('init reaps what nobody else does, and hands signals and exit codes on', async () => {
    const script =
      'cat /proc/1/comm; (sleep 0.1 &); sleep 0.4; grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null; exit 9';
    const { code, stdout } = await run(engine, ['sh', '-c', script], { Init: true });
    assert.equal(code, 9);
    assert.match(stdout, /^(docker-init|tini|catatonit)\n$/);
  });
});

describe('mounts', () => {
  test('directories of the host are made for -v, and must be there for --mount', async () => {
    const made = path.join(directory, 'made/here');
    assert.equal(await printed('echo x >/m/f; echo ok', { Binds: [`${made}:/m`] }), 'ok');
    assert.equal(readFileSync(path.join(made, 'f'), 'utf8'), 'x\n');
    assert.equal(await printed('touch /m/g 2>/dev/null || echo refused', { Binds: [`${made}:/m:ro`] }), 'refused');
    assert.equal(existsSync(path.join(directory, 'nope')), false);
  });

  test('new volumes are filled from the image, with owner and mode; others and nocopy are not', async () => {
    const id = await start(engine, {
      command: ['sh', '-c', 'mkdir /v; echo seed >/v/seed; chmod 751 /v; chown 7:8 /v'],
    });
    await waitFor(engine, id);
    await ask(engine, 'POST', `/commit?container=${id}&repo=seeded&tag=1`, {});
    await remove(engine, id);
    const image = { Image: 'seeded:1' };
    assert.equal(await printed('cat /v/seed; echo more >/v/more', { Binds: ['filled:/v'] }, image), 'seed');
    assert.equal(
      await printed('cat /x/seed /x/more; stat -c "%a %u:%g" /x', { Binds: ['filled:/x'] }),
      'seed\nmore\n751 7:8',
    );
    assert.equal(await printed('ls -A /v', { Binds: ['empty:/v:nocopy'] }, image), '');
    await ask(engine, 'DELETE', '/images/seeded:1');
    for (const volume of ['filled', 'empty']) await ask(engine, 'DELETE', `/volumes/${volume}`);
  });

  test('volumes from another container, read-only when asked', async () => {
    const id = await create(engine, { name: 'owner', host: { Binds: ['owned:/one', '/two'] } });
    assert.equal(await printed('echo 1 >/one/f; echo 2 >/two/f; echo ok', { VolumesFrom: ['owner'] }), 'ok');
    const script = 'cat /one/f /two/f; touch /one/g 2>/dev/null || echo refused';
    assert.equal(await printed(script, { VolumesFrom: ['owner:ro'] }), '1\n2\nrefused');
    await remove(engine, id);
    await ask(engine, 'DELETE', '/volumes/owned');
  });
});

describe('health', () => {
  const health = async (id: string) => (await inspect(engine, id)).State?.Health;

  test('from starting to unhealthy to healthy, with its log and events', async () => {
    const Healthcheck = { Test: ['CMD-SHELL', 'echo checked; test -e /ok'], Interval: 2e8, Retries: 2 };
    const id = await start(engine, { config: { Healthcheck } });
    assert.equal((await health(id))?.Status, 'starting');
    await until('unhealthy', async () => (await health(id))?.Status === 'unhealthy');
    const log = (await health(id))?.Log?.[0];
    assert.deepEqual([log?.ExitCode, log?.Output], [1, 'checked\n']);
    await exec(engine, id, ['touch', '/ok']);
    await until('healthy', async () => (await health(id))?.Status === 'healthy');
    assert.equal((await health(id))?.FailingStreak, 0);
    const list = await ask(engine, 'GET', '/containers/json?filters={"health":["healthy"]}');
    assert.match(list.text, /\(healthy\)/);
    await remove(engine, id);
  });

  test('a check that takes too long has failed, and its processes are gone', async () => {
    const Healthcheck = { Test: ['CMD', 'sleep', '777'], Interval: 2e8, Timeout: 3e8, Retries: 1 };
    const id = await start(engine, { config: { Healthcheck } });
    await until('unhealthy', async () => (await health(id))?.Status === 'unhealthy');
    const log = (await health(id))?.Log?.[0];
    assert.deepEqual([log?.ExitCode, log?.Output], [-1, 'Health check exceeded timeout (300ms)']);
    await until('no more than one check at a time', async () => {
      const { stdout } = await exec(engine, id, ['sh', '-c', 'ps | grep -c "[s]leep 777"']);
      return Number(stdout) <= 1;
    });
    await remove(engine, id);
  });

  test('a check that leaves something running does not keep the next one waiting', async () => {
    const Healthcheck = { Test: ['CMD-SHELL', 'sleep 66 & sleep 777'], Interval: 1e8, Timeout: 3e8, Retries: 2 };
    const id = await start(engine, { config: { Healthcheck } });
    await until('unhealthy', async () => (await health(id))?.Status === 'unhealthy');
    await remove(engine, id);
  });
});
