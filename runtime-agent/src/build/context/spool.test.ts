import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createSpool } from './spool.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-spool-'));
after(() => rmSync(folder, { recursive: true }));

const filesIn = (name: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path.join(folder, name));
    } catch {
      return false; // the descriptor of this very listing
    }
  }).length;

async function roundTrip(name: string, sizes: readonly number[]): Promise<number> {
  using spool = createSpool(path.join(folder, name, 'spool'));
  const chunks = sizes.map((size) => randomBytes(size));
  for (const chunk of chunks) spool.write(chunk);
  spool.flush();
  const all = Buffer.concat(chunks);
  assert.equal(spool.written(), all.length);
  for (const [start, end] of [
    [0, all.length],
    [all.length >> 1, all.length],
    [1, Math.min(100, all.length)],
    [all.length, all.length],
  ] as const) {
    if (start > end) continue;
    const wanted = all.subarray(start, end);
    const [now, later] = [Buffer.alloc(wanted.length), Buffer.alloc(wanted.length)];
    spool.readInto(now, start);
    await spool.read(later, start);
    assert.ok(now.equals(wanted) && later.equals(wanted), `${start} to ${end} of ${sizes}`);
  }
  assert.throws(() => spool.readInto(Buffer.alloc(2), all.length - 1), { code: 'internal' });
  await assert.rejects(spool.read(Buffer.alloc(2), all.length - 1), { code: 'internal' });
  return filesIn(name);
}

test('small contents stay in memory', async () => {
  for (const sizes of [[], [0], [1], [8191, 1], [8000, 1000], [70_000, 50_000], Array.from({ length: 900 }, () => 100)])
    assert.equal(await roundTrip('small', sizes), 0, String(sizes.length));
  assert.deepEqual(readdirSync(folder), []);
});

test('larger ones are a file without a name, which goes when the spool is disposed', async () => {
  for (const sizes of [
    [200_000],
    [10, 200_000, 10],
    [131_072],
    [70_000, 70_000],
    Array.from({ length: 5000 }, () => 99),
  ])
    assert.equal(await roundTrip('large', sizes), 1, String(sizes.length));
  assert.deepEqual(readdirSync(path.join(folder, 'large')), []);
  assert.equal(filesIn('large'), 0);
});
