import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { linuxHost } from '../host/linux.ts';
import { createPipes } from './pipes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-pipes-'));
after(() => rmSync(folder, { recursive: true }));
const pipes = createPipes({ host: linuxHost, folder });

function run(script: string) {
  const [stdin, stdout] = [pipes.input(), pipes.output()];
  spawn('sh', ['-c', script], { stdio: [stdin.fd, stdout.fd, 'inherit'] });
  closeSync(stdin.fd);
  closeSync(stdout.fd);
  return { stdin: stdin.stream, stdout: stdout.stream };
}

test('programs can open their streams by name; input ends; the first pipes need no stock', async () => {
  const { stdin, stdout } = run('cat /dev/stdin >/dev/stdout; [ -p /dev/stdin ] && echo pipe');
  stdin.write('one ');
  stdin.end('two\n');
  assert.equal(await text(stdout), 'one two\npipe\n');
});

test('a megabyte goes through in both directions', async () => {
  const { stdin, stdout } = run('cat');
  stdin.end('x'.repeat(1 << 20));
  assert.equal((await text(stdout)).length, 1 << 20);
});

test('a program that reads nothing is an error of the input alone', async () => {
  const { stdin, stdout } = run('exec <&-; echo closed');
  const failed = new Promise((resolve) => stdin.once('error', resolve));
  assert.equal(await text(stdout), 'closed\n');
  stdin.write('x'.repeat(1 << 20));
  assert.equal(((await failed) as NodeJS.ErrnoException).code, 'EPIPE');
});

test('names are gone once both ends are open', () => {
  const { stream, fd } = pipes.output();
  closeSync(fd);
  stream.destroy();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('.')),
    [],
  );
});
