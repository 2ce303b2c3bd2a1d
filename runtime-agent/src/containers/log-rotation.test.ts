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
  assert.deepEqual(limits('json-file', { 'max-size': '10k' }), { maxSize: 10_240, maxFiles: 1, compress: false });
  assert.deepEqual(limits('json-file', { 'max-size': '1.5m', 'max-file': '3' }), {
    maxSize: 1_572_864,
    maxFiles: 3,
    compress: false,
  });
  assert.deepEqual(limits('local'), { maxSize: 20 * 1024 * 1024, maxFiles: 5, compress: true });
  assert.ok(limits('none'), 'what nobody can ask for is kept within bounds');
  assert.equal(limits('json-file', { 'max-file': '3' }), undefined, 'never rotated, as in Docker');
  const packed = (driver: 'json-file' | 'local' | 'syslog', options: object) =>
    limits(driver, { 'max-size': '1k', 'max-file': '3', ...options })?.compress;
  assert.deepEqual([packed('json-file', {}), packed('json-file', { compress: 'true' })], [false, true]);
  assert.deepEqual([packed('local', {}), packed('local', { compress: 'false' })], [true, false]);
  assert.equal(packed('syslog', { compress: 'true' }), false, 'who ships it knows the files');
});

test('options that are none, in Docker’s words', () => {
  const refused: readonly (readonly ['json-file' | 'local', Record<string, string>, string])[] = [
    ['json-file', { 'max-size': 'x' }, "invalid size: 'x'"],
    ['json-file', { 'max-size': '-1' }, "invalid size: '-1'"],
    ['json-file', { 'max-size': '1e9' }, "invalid size: '1e9'"],
    ['json-file', { 'max-size': '0' }, 'max-size must be a positive number'],
    ['json-file', { 'max-file': '0' }, 'max-file cannot be less than 1'],
    ['json-file', { 'max-file': '1.5' }, 'strconv.Atoi: parsing "1.5": invalid syntax'],
    ['json-file', { compress: 'yes' }, 'strconv.ParseBool: parsing "yes": invalid syntax'],
    [
      'json-file',
      { compress: 'true', 'max-size': '1k' },
      'compress cannot be true when max-file is less than 2 or max-size is not set',
    ],
    ['local', { 'max-size': 'x' }, "invalid value for max-size: x: invalid size: 'x'"],
    ['local', { 'max-file': 'x' }, 'invalid value for max-file: x: strconv.Atoi: parsing "x": invalid syntax'],
    ['local', { 'max-file': '-1' }, 'max file count cannot be less than 0'],
    ['local', { 'max-file': '1' }, 'compression cannot be enabled when max file count is 1'],
    ['local', { compress: 'x' }, 'error reading compress log option: strconv.ParseBool: parsing "x": invalid syntax'],
  ];
  for (const [driver, options, message] of refused) {
    assert.throws(() => limits(driver, options), { code: 'invalid', message }, JSON.stringify(options));
  }
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
