import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goFileMode } from './files/path-stat.ts';
import { goDuration } from './health-probe.ts';
import { healthCommand, healthSchedule, judge, type MutableHealth } from './health.ts';
import { hardLimits } from './spec-facts.ts';
import { networkStats, systemCpu } from './stats.ts';
import { parsePs } from './top.ts';

test('the machine’s CPU time from /proc/stat', () => {
  assert.equal(
    systemCpu('cpu  10 1 5 100 2 0 1 0 50 0\ncpu0 1 1 1\n'),
    119 * 1e7,
    'guest time is in user time already',
  );
});

test('network counters from /proc/PID/net/dev', () => {
  const table = `Inter-|   Receive                            |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
  eth0:    1234      12    1    2    0     0          0         0     5678      34    3    4    0     0       0          0
`;
  assert.deepEqual(networkStats(table), {
    eth0: {
      rx_bytes: 1234,
      rx_packets: 12,
      rx_errors: 1,
      rx_dropped: 2,
      tx_bytes: 5678,
      tx_packets: 34,
      tx_errors: 3,
      tx_dropped: 4,
    },
  });
});

test('ps cut down to the container’s processes', () => {
  const output = 'UID   PID  CMD\nroot    1  init splash\nroot   22  sleep 301\nroot  222  other\n';
  assert.deepEqual(parsePs(output, new Set([22])), {
    Titles: ['UID', 'PID', 'CMD'],
    Processes: [['root', '22', 'sleep 301']],
  });
  assert.throws(() => parsePs('COMMAND\nx\n', new Set()), { message: "Couldn't find PID field in ps output" });
});

test('hard limits of the engine by the names of ulimits', () => {
  const table = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max open files            1024                 524288               files     
Max processes             95000                95000                processes 
Max nice priority         0                    0                    
`;
  assert.deepEqual(hardLimits(table), { nofile: 524_288, nproc: 95_000, nice: 0 });
});

test('file modes as Go writes them', () => {
  assert.equal(goFileMode({ mode: 0o100644 }), 0o644);
  assert.equal(goFileMode({ mode: 0o040755 }), 2 ** 31 + 0o755);
  assert.equal(goFileMode({ mode: 0o120777 }), 2 ** 27 + 0o777);
  assert.equal(goFileMode({ mode: 0o104755 }), 2 ** 23 + 0o755);
  assert.equal(goFileMode({ mode: 0o041777 }), 2 ** 31 + 2 ** 20 + 0o777);
  assert.equal(goFileMode({ mode: 0o020666 }), 2 ** 26 + 2 ** 21 + 0o666);
});

test('durations as Go prints them', () => {
  assert.deepEqual([300, 1000, 1500, 60_000, 90_000, 3_600_000].map(goDuration), [
    '300ms',
    '1s',
    '1.5s',
    '1m0s',
    '1m30s',
    '1h0m0s',
  ]);
});

test('health: commands and schedules with Docker’s defaults', () => {
  assert.deepEqual(healthCommand({ Test: ['CMD', 'a', 'b'] }, []), ['a', 'b']);
  assert.deepEqual(healthCommand({ Test: ['CMD-SHELL', 'a | b'] }, ['/bin/sh', '-c']), ['/bin/sh', '-c', 'a | b']);
  for (const none of [undefined, {}, { Test: ['NONE'] }, { Test: [] }])
    assert.equal(healthCommand(none, []), undefined);
  assert.deepEqual(healthSchedule({}), {
    intervalMs: 30_000,
    timeoutMs: 30_000,
    startPeriodMs: 0,
    startIntervalMs: 5_000,
    retries: 3,
  });
  assert.equal(healthSchedule({ Interval: 5e8 }).intervalMs, 500);
});

test('health: a streak of failures makes unhealthy, one success healthy again', () => {
  const health: MutableHealth = { status: 'starting', failingStreak: 0, log: [] };
  const schedule = healthSchedule({ Retries: 2 });
  const result = (exitCode: number) => ({ start: '', end: '', exitCode, output: '' });
  const step = (exitCode: number, starting = false): string => {
    judge(health, result(exitCode), schedule, starting);
    return `${health.status} ${health.failingStreak}`;
  };
  assert.deepEqual([step(1, true), step(1, true)], ['starting 0', 'starting 0'], 'the start period forgives');
  assert.deepEqual([step(1), step(1), step(1)], ['starting 1', 'unhealthy 2', 'unhealthy 3']);
  assert.equal(step(0), 'healthy 0');
  assert.equal(step(-1), 'healthy 1');
  assert.equal(health.log.length, 5, 'only the last results are kept');
  const early: MutableHealth = { status: 'starting', failingStreak: 0, log: [] };
  judge(early, result(0), schedule, true);
  judge(early, result(1), schedule, true);
  assert.deepEqual([early.status, early.failingStreak], ['healthy', 1], 'after a success the start period is over');
});
