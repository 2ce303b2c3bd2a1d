import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCapabilityFinder } from './capability-finder.ts';

const skip = process.getuid?.() !== 0 && 'needs root';
/** cap_net_raw, as the kernel stores it. */
const NET_RAW = Buffer.from('0100000200200000000000000000000000000000', 'hex');

/** A tar header (POSIX ustar) with its data. */
function entry(type: string, name: string, data: Buffer): Buffer {
  const block = Buffer.alloc(512 + Math.ceil(data.length / 512) * 512);
  const [mode, size] = ['0000755\0', `${data.length.toString(8).padStart(11, '0')}\0`];
  for (const [at, text] of [
    [0, name],
    [100, mode],
    [124, size],
    [148, ' '.repeat(8)],
    [156, type],
    [257, 'ustar\x0000'],
  ] as const)
    block.write(text, at);
  const sum = block.subarray(0, 512).reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0`, 148);
  data.copy(block, 512);
  return block;
}

function ableFile(name: string): Buffer {
  const record = Buffer.concat([Buffer.from(' SCHILY.xattr.security.capability='), NET_RAW, Buffer.from('\n')]);
  const counted = Buffer.concat([Buffer.from(String(record.length + 2)), record]);
  return Buffer.concat([entry('x', 'attributes', counted), entry('0', name, Buffer.alloc(0))]);
}

interface Folder extends Disposable {
  at(name: string): string;
}

/** With an executable file for each name, whose capability is net_raw when it begins with `able`. */
function folder(names: readonly string[]): Folder {
  const base = mkdtempSync(path.join(tmpdir(), 'slipway-capability-'));
  const entries = names.map((name) => (name.startsWith('able') ? ableFile(name) : entry('0', name, Buffer.alloc(0))));
  const extract = ['-xf', '-', '-C', base, '--xattrs', '--xattrs-include=*'];
  execFileSync('tar', extract, { input: Buffer.concat([...entries, Buffer.alloc(1024)]) });
  return { at: (name) => path.join(base, name), [Symbol.dispose]: () => rmSync(base, { recursive: true }) };
}

/** Processes of this one that are called tar. */
function tars(): number[] {
  const [task = ''] = readdirSync('/proc/self/task');
  const children = readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'tar\n').map(Number);
}

async function ended(pid: number): Promise<void> {
  while (tars().includes(pid)) await sleep(5);
}

test('files with capabilities are found among all that may be there', { skip }, async () => {
  const able = ['able', 'able "quoted"', 'able\n"/././."', 'ableé\\n\t'];
  using made = folder([...able, 'plain']);
  linkSync(made.at('able'), made.at('second'));
  symlinkSync('able', made.at('link'));
  const finder = createCapabilityFinder();
  const all = [...able, 'second', 'plain', 'link', 'missing', ...able].map(made.at);
  for (const _ of [1, 2])
    assert.deepEqual([...(await finder.find([...all, '/', '/dev/null']))], [...able, 'second'].map(made.at));
  assert.deepEqual([...(await finder.find([]))], []);
  const many = Array.from({ length: 5000 }, (_, i) => made.at(i === 4000 ? 'able' : `missing ${i}`));
  assert.deepEqual([...(await finder.find(many))], [made.at('able')]);
  const [pid = 0] = tars();
  finder.rest();
  await ended(pid);
});

test('one program stays and is replaced when it was ended; who asks meanwhile has another', { skip }, async () => {
  using made = folder(['able']);
  const file = made.at('able');
  const finder = createCapabilityFinder();
  await finder.find([file]);
  const [first = 0, ...others] = tars();
  assert.deepEqual(others, []);
  process.kill(first, 'SIGSTOP');
  const held = finder.find([file]);
  assert.deepEqual([...(await finder.find([file]))], [file], 'one that hangs holds up nobody else');
  const [second = 0] = tars().filter((pid) => pid !== first);
  process.kill(first, 'SIGKILL');
  await assert.rejects(held, { code: 'internal', message: /was ended from outside/ });
  assert.deepEqual(tars(), [second]);
  process.kill(second, 'SIGKILL');
  await ended(second);
  assert.deepEqual([...(await finder.find([file]))], [file]);
  const [third = 0] = tars();
  finder.rest();
  await ended(third);
});
