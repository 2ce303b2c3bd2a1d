import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { EVENT } from '../messages/history.ts';
import { type BuildRecords, openBuildRecords, type RecordEvent } from './build-records.ts';
import { digestOf, type EndedBuild } from './record-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-records-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (seconds: number) => ({ CreatedAt: { seconds, nanos: 0 } });
const end = (Ref: string, seconds: number, text = ''): EndedBuild => {
  const blob = Buffer.from(text);
  const logs = { media_type: 'x', digest: digestOf(blob), size: blob.length };
  return { record: { Ref, ...at(seconds), CompletedAt: { seconds: seconds + 1, nanos: 0 }, logs }, blobs: [blob] };
};
const add = (records: BuildRecords, build: EndedBuild): Promise<void> => records.begun(build.record).ended(build);
const refs = async (records: BuildRecords): Promise<unknown[]> =>
  (await records.list()).map(({ type, record }) => [type, record?.Ref]);

test('running builds come first, then those that have ended, the latest first; also for the next engine', async () => {
  const records = openBuildRecords(path.join(folder, 'deep'));
  const onDisk = [add(records, end('../a', 10, 'log of a')), add(records, end('b', 20, 'log of b'))];
  records.begun({ Ref: 'c', ...at(5) });
  const ended = [
    [EVENT.complete, 'b'],
    [EVENT.complete, '../a'],
  ];
  assert.deepEqual(await refs(records), [[EVENT.started, 'c'], ...ended]);
  assert.equal((await records.blob(digestOf(Buffer.from('log of a'))))?.toString(), 'log of a');
  await Promise.all(onDisk);
  assert.equal((await records.blob(digestOf(Buffer.from('log of a'))))?.toString(), 'log of a', 'from the disk');
  assert.deepEqual(readdirSync(folder), ['deep'], 'a name of a client leads nowhere else');
  const next = openBuildRecords(path.join(folder, 'deep'));
  assert.deepEqual(await refs(next), ended);
  assert.equal((await next.blob(digestOf(Buffer.from('log of b'))))?.toString(), 'log of b');
  assert.equal(await next.blob(digestOf(Buffer.from('of nobody'))), undefined);
});

test('the fifty latest are kept, and those that are pinned', async () => {
  const records = openBuildRecords(folder);
  void add(records, end('old', 1));
  await records.pin('old', true);
  for (let i = 0; i < 52; i++) void add(records, end(`n${i}`, 10 + i));
  await records.written();
  const kept = (await records.list()).map(({ record }) => record?.Ref);
  assert.deepEqual([kept.length, kept[0], kept.at(-2), kept.at(-1)], [51, 'n51', 'n2', 'old']);
  assert.equal(readdirSync(folder).length, 51);
  const [pinned] = (await openBuildRecords(folder).list()).slice(-1);
  assert.deepEqual([pinned?.record?.pinned, pinned?.record?.Generation], [true, 1]);
});

test('what happens is told; what is deleted is gone', async () => {
  const records = openBuildRecords(folder);
  const stop = new AbortController();
  const told: RecordEvent[] = [];
  const listening = (async () => {
    for await (const event of records.events(stop.signal)) if (told.push(event) === 3) stop.abort();
  })();
  void add(records, end('a', 1));
  await records.delete('a');
  await listening;
  assert.deepEqual(
    told.map(({ type, record }) => [type, record?.Ref]),
    [
      [EVENT.started, 'a'],
      [EVENT.complete, 'a'],
      [EVENT.deleted, 'a'],
    ],
  );
  await records.written();
  assert.deepEqual([await records.list(), readdirSync(folder)], [[], []]);
  await assert.rejects(records.delete('a'), { message: 'lease "ref_a": not found' });
});

test('what cannot be read, or was not written to its end, is no build', async () => {
  for (const name of ['.partial-x', 'y', 'z']) mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, 'z', 'record'), Buffer.from([0xff]));
  assert.deepEqual(await openBuildRecords(folder).list(), []);
});
