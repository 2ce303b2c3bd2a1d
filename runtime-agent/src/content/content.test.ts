import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, test } from 'node:test';
import type { Digest } from '#model/oci/digest.ts';
import { type Content, openContent } from './content.ts';

const digestOf = (bytes: string | Buffer): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
let root: string;
let content: Content;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-content-'));
  content = openContent(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('it is an OCI image layout', async () => {
  const digest = await content.write(Buffer.from('hello'));
  assert.equal(digest, digestOf('hello'));
  assert.equal(readFileSync(path.join(root, 'oci-layout'), 'utf8'), '{"imageLayoutVersion":"1.0.0"}');
  assert.equal(readFileSync(path.join(root, 'blobs/sha256', digest.slice(7)), 'utf8'), 'hello');
  assert.equal(await content.write(Buffer.from('hello')), digest, 'a second time is no error');
  assert.deepEqual([content.has(digest), content.size(digest)], [true, 5]);
  assert.equal((await content.read(digest)).toString(), 'hello');
  assert.equal((await buffer(content.stream(digest))).toString(), 'hello');
  content.delete(digest);
  content.delete(digest);
  assert.deepEqual([content.has(digest), content.size(digest)], [false, undefined]);
  await assert.rejects(content.read(digest), { code: 'not-found' });
  assert.throws(() => content.stream(digest), { code: 'not-found' });
});

test('a blob is visible only when its digest is right', async () => {
  const good = await content.ingest(digestOf('ab'));
  await good.append(Buffer.from('a'));
  await good.append(Buffer.from('b'));
  assert.equal(content.has(digestOf('ab')), false);
  await good.commit();
  await good.close();
  assert.equal(content.has(digestOf('ab')), true);
  const bad = await content.ingest(digestOf('other'));
  await bad.append(Buffer.from('x'));
  await assert.rejects(bad.commit(), {
    code: 'invalid',
    message: `filesystem layer verification failed for digest ${digestOf('other')}`,
  });
  assert.equal(content.has(digestOf('other')), false);
  assert.deepEqual(readdirSync(path.join(root, 'ingest')), []);
});

test('an ingest that was kept is gone on with; its bytes are read before more come', async () => {
  const first = await content.ingest(digestOf('abc'));
  await first.append(Buffer.from('ab'));
  await first.close({ keep: true });
  const second = await openContent(root).ingest(digestOf('abc'));
  assert.equal(second.offset, 2);
  await assert.rejects(second.append(Buffer.from('c')), /were not read/);
  const kept: Buffer[] = [];
  for await (const chunk of second.kept()) kept.push(chunk);
  assert.equal(Buffer.concat(kept).toString(), 'ab');
  await second.append(Buffer.from('c'));
  await second.commit();
  assert.equal((await content.read(digestOf('abc'))).toString(), 'abc');
  const third = await content.ingest(digestOf('abcd'));
  await third.append(Buffer.from('wrong'));
  await third.restart();
  await third.append(Buffer.from('abcd'));
  await third.commit();
  assert.equal((await content.read(digestOf('abcd'))).toString(), 'abcd');
});

test('start-up sweeps what cannot be gone on with', () => {
  const file = (name: string): string => path.join(root, 'ingest', name);
  for (const name of ['x.tmp', 'new.partial', 'old.partial']) writeFileSync(file(name), 'x');
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
  utimesSync(file('old.partial'), twoDaysAgo, twoDaysAgo);
  openContent(root);
  assert.deepEqual(readdirSync(path.join(root, 'ingest')), ['new.partial']);
});

test('sweep deletes what is old and not used', async () => {
  const [used, old, young] = [
    await content.write(Buffer.from('1')),
    await content.write(Buffer.from('2')),
    await content.write(Buffer.from('3')),
  ];
  const hourAgo = Date.now() / 1000 - 3600;
  for (const digest of [used, old]) utimesSync(path.join(root, 'blobs/sha256', digest.slice(7)), hourAgo, hourAgo);
  content.sweep(new Set([used]), 60_000);
  assert.deepEqual(
    [used, old, young].map((digest) => content.has(digest)),
    [true, false, true],
  );
  assert.ok(existsSync(root));
});
