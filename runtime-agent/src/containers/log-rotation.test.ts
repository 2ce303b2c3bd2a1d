import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { ContainerContext } from './context.ts';
import { applyLogLimits, logLimits } from './log-rotation.ts';
import { sampleRecord } from './record.sample.ts';
import { containerPaths } from './rootfs.ts';

const limits = (Type: 'json-file' | 'local' | 'none' | 'syslog', Config: Record<string, string> = {}) =>
  logLimits({ LogConfig: { Type, Config } });

test('limits as Docker reads them', () => {
  assert.equal(logLimits({}), undefined);
  assert.equal(limits('json-file'), undefined);
  assert.equal(limits('json-file', { 'max-size': '-1' }), undefined);
  assert.deepEqual(limits('json-file', { 'max-size': '10k' }), { maxSize: 10_240, maxFiles: 1, compress: false });
  assert.deepEqual(limits('json-file', { 'max-size': '1.5m', 'max-file': '3' }), {
    maxSize: 1_572_864,
    maxFiles: 3,
    compress: false,
  });
  assert.deepEqual(limits('local'), { maxSize: 20 * 1024 * 1024, maxFiles: 5, compress: true });
  assert.ok(limits('none'), 'what nobody can ask for is kept within bounds');
  for (const bad of ['x', '', '10q', '1e9']) {
    assert.throws(() => limits('json-file', { 'max-size': bad }), { code: 'invalid' });
  }
  assert.throws(() => limits('json-file', { 'max-size': '1k', 'max-file': '0' }), /max-file/);
  assert.equal(limits('json-file', { 'max-file': '3' }), undefined, 'never rotated, as in Docker');
  const packed = (driver: 'json-file' | 'local' | 'syslog', options: object) =>
    limits(driver, { 'max-size': '1k', 'max-file': '3', ...options })?.compress;
  assert.deepEqual([packed('json-file', {}), packed('json-file', { compress: 'true' })], [false, true]);
  assert.deepEqual([packed('local', {}), packed('local', { compress: 'false' })], [true, false]);
  assert.throws(() => limits('json-file', { compress: 'true', 'max-size': '1k' }), /compress cannot be true when/);
  assert.equal(packed('syslog', { compress: 'true' }), false, 'who ships it knows the files');
});

async function cut(lines: number, Config: Record<string, string>): Promise<Record<string, string>> {
  const dataRoot = mkdtempSync(path.join(tmpdir(), 'slipway-logs-'));
  try {
    const record = sampleRecord({}, { hostConfig: { LogConfig: { Type: 'json-file', Config } } });
    const { logs } = containerPaths(dataRoot, record.id);
    mkdirSync(logs, { recursive: true });
    const text = Array.from({ length: lines }, (_, i) => `line ${i}\n`).join('');
    writeFileSync(path.join(logs, 'current'), text);
    await applyLogLimits({ dataRoot } as ContainerContext, record);
    return Object.fromEntries(readdirSync(logs).map((name) => [name, readFileSync(path.join(logs, name), 'utf8')]));
  } finally {
    rmSync(dataRoot, { recursive: true });
  }
}

test('at the end of a container its log is cut to the newest whole lines', async () => {
  const one = await cut(1000, { 'max-size': '100' });
  assert.deepEqual(Object.keys(one), ['current']);
  assert.ok((one['current'] ?? '').length <= 100);
  assert.match(one['current'] ?? '', /^line \d+\n[\s\S]*line 999\n$/);
  const three = await cut(1000, { 'max-size': '100', 'max-file': '3' });
  assert.deepEqual(Object.keys(three), ['1']);
  assert.ok((three['1'] ?? '').length <= 200 && (three['1'] ?? '').length > 100);
  assert.deepEqual(await cut(3, { 'max-size': '1k' }), { current: 'line 0\nline 1\nline 2\n' });
});
