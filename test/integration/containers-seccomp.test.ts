/** The default seccomp filter on the kernel: it holds, and programs of every architecture that runs here run in it. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { tinyElf, unusableArchitectures } from '../../runtime-agent/src/host/foreign-programs.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { pullImage, run } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let directory: string;
before(async () => {
  engine = await startTestEngine();
  await pullImage(engine);
  directory = mkdtempSync(path.join(tmpdir(), 'slipway-seccomp-'));
});
after(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const I386 = 3;
/** mov eax, NUMBER; xor ebx, ebx; xor ecx, ecx; int 0x80; neg eax; mov ebx, eax; mov eax, 1 (exit); int 0x80 */
const callAndExit = (number: number): number[] =>
  [
    [0xb8, number & 0xff, number >> 8, 0, 0, 0x31, 0xdb, 0x31, 0xc9, 0xcd, 0x80],
    [0xf7, 0xd8, 0x89, 0xc3, 0xb8, 1, 0, 0, 0, 0xcd, 0x80],
  ].flat();

async function runI386(number: number, host: object = {}): Promise<number> {
  const file = path.join(directory, `call-${number}`);
  writeFileSync(file, tinyElf({ machine: I386, code: callAndExit(number) }));
  chmodSync(file, 0o755);
  return (
    await run(engine, ['/programs/' + path.basename(file)], {
      Binds: [`${directory}:/programs:ro`],
      ...host,
    })
  ).code;
}

test('the filter is on', async () => {
  const { stdout } = await run(engine, ['grep', '^Seccomp:', '/proc/self/status']);
  assert.match(stdout, /^Seccomp:\s+2$/m);
  assert.notEqual((await run(engine, ['unshare', '-m', 'true'])).code, 0);
});

test('a 32-bit program runs in it, and may do no more than a 64-bit one', async (t) => {
  if (process.arch !== 'x64') return t.skip('i386 programs are a matter of x86-64');
  if ((await unusableArchitectures(linuxHost, directory)).includes('SCMP_ARCH_X86'))
    return t.skip('this kernel runs no 32-bit programs');
  const [getuid, addKey] = [24, 286];
  assert.equal(await runI386(getuid), 0);
  assert.equal(await runI386(addKey), 1, 'EPERM; without a filter it would be EFAULT');
  assert.equal(await runI386(addKey, { SecurityOpt: ['seccomp=unconfined'] }), 14);
});
