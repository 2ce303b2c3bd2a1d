import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createWithSpec } from './create-with-spec.ts';

async function inFolder(work: (specFile: string, fifos: { place(file: string): boolean }) => Promise<void>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-spec-'));
  const place = (file: string): boolean => {
    execFileSync('mkfifo', [file]);
    return true;
  };
  try {
    await work(path.join(folder, 'config.json'), { place });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const takeBack = (): void => {};

test('the runtime is started before there is a spec, and reads it once it is made', () =>
  inFolder(async (specFile, fifos) => {
    const order: string[] = [];
    const made = Promise.withResolvers<object>();
    const launch = async (): Promise<string> => {
      order.push('launched');
      setTimeout(() => {
        order.push('made');
        made.resolve({ ociVersion: '1.0.2' });
      }, 20);
      return await readFile(specFile, 'utf8');
    };
    const read = await createWithSpec({ fifos: { ...fifos, takeBack }, specFile, spec: made.promise, launch });
    assert.equal(read, '{"ociVersion":"1.0.2"}');
    assert.deepEqual(order, ['launched', 'made']);
  }));

test('without a FIFO the spec is written first', () =>
  inFolder(async (specFile) => {
    const spec = Promise.resolve({ a: 1 });
    const launch = (): Promise<string> => readFile(specFile, 'utf8');
    assert.equal(await createWithSpec({ fifos: { place: () => false, takeBack }, specFile, spec, launch }), '{"a":1}');
  }));

test('a spec that cannot be made is the error, after the runtime has ended', () =>
  inFolder(async (specFile, fifos) => {
    let ended = false;
    const launch = async (): Promise<string> => {
      assert.equal(await readFile(specFile, 'utf8'), '');
      ended = true;
      throw new Error('unexpected end of JSON input');
    };
    const spec = Promise.reject(new Error('port is already allocated'));
    await assert.rejects(createWithSpec({ fifos: { ...fifos, takeBack }, specFile, spec, launch }), /port is already/);
    assert.ok(ended);
  }));

test('a runtime that ends before it reads is the error, and nothing waits for it', () =>
  inFolder(async (specFile, fifos) => {
    const launch = (): Promise<string> => Promise.reject(new Error('no conmon'));
    const creation = { fifos: { ...fifos, takeBack }, specFile, spec: Promise.resolve({}), launch };
    await assert.rejects(createWithSpec(creation), /no conmon/);
  }));
