import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { existsSync, readFileSync } from 'node:fs';
import { unusableArchitectures } from './foreign-programs.ts';
import { linuxHost } from './linux.ts';

const MIPS = 8;

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-foreign-'));
  try {
    return await work(folder);
  } finally {
    assert.deepEqual(await readdir(folder), [], 'nothing is left');
    await rm(folder, { recursive: true });
  }
}

test('a program of another processor cannot run here', async () => {
  const found = await inFolder((folder) =>
    unusableArchitectures(linuxHost, folder, [{ architecture: 'SCMP_ARCH_MIPS', machine: MIPS, code: [0, 0, 0, 0] }]),
  );
  assert.deepEqual(found, ['SCMP_ARCH_MIPS']);
});

test('where programs may not run at all nothing is known, and nothing is ruled out', async () => {
  const refusing = { ...linuxHost, run: () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' })) };
  assert.deepEqual(await inFolder((folder) => unusableArchitectures(refusing, folder)), []);
});

test('what the kernel was built with is what runs', async (t) => {
  if (process.arch !== 'x64') return t.skip('i386 and x32 programs are a matter of x86-64');
  if (!existsSync('/proc/config.gz')) return t.skip('this kernel does not show how it was built (/proc/config.gz)');
  const config = gunzipSync(readFileSync('/proc/config.gz')).toString();
  const built = (option: string): boolean => config.includes(`\n${option}=y\n`);
  const found = await inFolder((folder) => unusableArchitectures(linuxHost, folder));
  if (!built('CONFIG_X86_X32_ABI')) assert.ok(found.includes('SCMP_ARCH_X32'));
  if (built('CONFIG_IA32_EMULATION') && !built('CONFIG_IA32_EMULATION_DEFAULT_DISABLED'))
    assert.ok(!found.includes('SCMP_ARCH_X86'));
});
