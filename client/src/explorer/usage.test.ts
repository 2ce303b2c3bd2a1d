import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerStatsResponse } from '#model/engine-api/types.ts';
import { followUsage } from './follow-usage.ts';
import { usageOf, usageText } from './usage.ts';

function stats(cpu: number, before: number, more: object = {}): ContainerStatsResponse {
  return {
    cpu_stats: { cpu_usage: { total_usage: cpu }, system_cpu_usage: 2000, online_cpus: 4 },
    precpu_stats: { cpu_usage: { total_usage: before }, system_cpu_usage: 1000 },
    memory_stats: { usage: 50_000_000, stats: { inactive_file: 5_000_000 } },
    ...more,
  };
}

test('processors as docker stats counts them, memory without what is only cache', () => {
  assert.deepEqual(usageOf(stats(600, 100)), { cpuPercent: 200, memory: 45_000_000 });
  const v1 = { memory_stats: { usage: 50, stats: { total_inactive_file: 20 } } };
  assert.equal(usageOf(stats(0, 0, v1))?.memory, 30);
  assert.deepEqual(usageOf(stats(0, 100)), { cpuPercent: 0, memory: 45_000_000 }, 'a restarted container counts anew');
});

test('the first message of a stream and a stopped container tell nothing', () => {
  assert.equal(usageOf(stats(600, 0, { precpu_stats: {} })), undefined);
  assert.equal(usageOf(stats(600, 0, { precpu_stats: { cpu_usage: {}, system_cpu_usage: 0 } })), undefined);
  assert.equal(usageOf({}), undefined);
});

test('short words for a row', () => {
  assert.equal(usageText({ cpuPercent: 0.01, memory: 0 }), '0% 0 B');
  assert.equal(usageText({ cpuPercent: 0.34, memory: 1_980_000 }), '0.3% 1.98 MB');
  assert.equal(usageText({ cpuPercent: 199.6, memory: 1_200_000_000 }), '200% 1.2 GB');
});

test('streams are open for those that are looked at only, and many messages are one change', async () => {
  const open = new Map<string, PassThrough>();
  const stream = async (_method: string, path: string, options?: { readonly signal?: AbortSignal }) => {
    const id = path.split('/')[2] ?? '';
    const source = new PassThrough();
    options?.signal?.addEventListener('abort', () => {
      open.delete(id);
      source.destroy();
    });
    open.set(id, source);
    return source;
  };
  let changes = 0;
  using follower = followUsage({ stream }, () => void changes++, 5);
  follower.follow(['a', 'b']);
  follower.follow(['a', 'b']);
  assert.deepEqual([...open.keys()], ['a', 'b']);
  const line = `${JSON.stringify(stats(600, 100))}\n`;
  open.get('a')?.write(line + line);
  while (follower.current().size === 0) await sleep(5);
  await sleep(50);
  assert.equal(changes, 1);
  assert.deepEqual([...follower.current().keys()], ['a']);
  open.get('a')?.end();
  while (follower.current().size > 0) await sleep(5); // nothing is told of a container that has ended
  follower.follow([]);
  assert.equal(open.has('b'), false);
});

test('at most thirty are followed', () => {
  let opened = 0;
  const stream = async (): Promise<PassThrough> => {
    opened++;
    return new PassThrough();
  };
  using follower = followUsage({ stream }, () => undefined);
  follower.follow(Array.from({ length: 50 }, (_, i) => `c${i}`));
  assert.equal(opened, 30);
});
