import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogDecoder } from './log-format.ts';
import { logEnd, type LogReadOptions, readLog } from './log-read.ts';

const made: string[] = [];
after(() => made.forEach((directory) => rmSync(directory, { recursive: true })));

function logDirectory(): {
  readonly directory: string;
  readonly write: (...lines: string[]) => void;
  readonly rotate: () => void;
} {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-log-'));
  made.push(directory);
  const current = path.join(directory, 'current');
  let number = 9;
  return {
    directory,
    write: (...lines) =>
      appendFileSync(current, lines.map((text) => `2026-11-22T01:36:54.293086600+00:00 stdout F ${text}\n`).join('')),
    rotate() {
      renameSync(current, path.join(directory, String(number--)));
      writeFileSync(`${current}.tmp`, '');
      renameSync(`${current}.tmp`, current);
    },
  };
}

async function read(directory: string, options: LogReadOptions = {}): Promise<string> {
  const decode = createLogDecoder({ stdout: true, stderr: true, framing: 'raw' });
  let text = '';
  for await (const lines of readLog(directory, options)) text += decode(lines).toString();
  return text;
}

test('a log that does not exist is empty', async () => {
  assert.equal(await read(logDirectory().directory), '');
  assert.equal(await read('/nonexistent/log'), '');
  assert.equal(await logEnd('/nonexistent/log'), undefined);
});

test('all files, the oldest first', async () => {
  const log = logDirectory();
  log.write('a', 'b');
  log.rotate();
  log.write('c');
  log.rotate();
  log.write('d');
  assert.equal(await read(log.directory), 'a\nb\nc\nd\n');
});

test('the last lines, across files and across blocks', async () => {
  const log = logDirectory();
  log.write('a', 'b', 'c');
  log.rotate();
  log.write('d');
  assert.equal(await read(log.directory, { tail: 1 }), 'd\n');
  assert.equal(await read(log.directory, { tail: 3 }), 'b\nc\nd\n');
  assert.equal(await read(log.directory, { tail: 100 }), 'a\nb\nc\nd\n');
  assert.equal(await read(log.directory, { tail: 0 }), '');
  const long = logDirectory();
  const lines = Array.from({ length: 9000 }, (_, i) => `${i} ${'x'.repeat(i % 90)}`);
  long.write(...lines);
  for (const tail of [1, 17, 4500, 8999]) {
    assert.equal(await read(long.directory, { tail }), `${lines.slice(-tail).join('\n')}\n`);
  }
});

test('a line longer than a block is read whole', async () => {
  const log = logDirectory();
  const huge = 'y'.repeat(8192).repeat(10);
  log.write('a', huge, 'b');
  assert.equal(await read(log.directory), `a\n${huge}\nb\n`);
});

test('from a position on', async () => {
  const log = logDirectory();
  log.write('old');
  const from = await logEnd(log.directory);
  log.write('new');
  assert.equal(await read(log.directory, { from }), 'new\n');
  log.rotate();
  log.write('newer');
  assert.equal(
    await read(log.directory, { from }),
    'new\nnewer\n',
    'the position stays right when the file is renamed',
  );
});

test('following: before the log exists, while it grows and is rotated, to the end after the end', async () => {
  const log = logDirectory();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const reading = read(log.directory, { ended });
  await sleep(30);
  const expected: string[] = [];
  for (let i = 0; i < 40; i++) {
    log.write(String(i));
    expected.push(String(i));
    if (i % 7 === 3) log.rotate();
    if (i % 3 === 0) await sleep(3);
  }
  log.write('last words');
  end();
  assert.equal(await reading, `${[...expected, 'last words'].join('\n')}\n`);
});

test('half a line waits for its other half', async () => {
  const log = logDirectory();
  log.write('a');
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const reading = read(log.directory, { ended });
  await sleep(20);
  const current = path.join(log.directory, 'current');
  appendFileSync(current, '2026-11-22T01:36:54.293086600+00:00 std');
  await sleep(20);
  appendFileSync(current, 'out F b\n');
  end();
  assert.equal(await reading, 'a\nb\n');
});

test('a follower goes when it is told to', async () => {
  const log = logDirectory();
  log.write('a');
  const gone = new AbortController();
  const reading = read(log.directory, { ended: new Promise(() => {}), signal: gone.signal });
  await sleep(30);
  gone.abort();
  assert.equal(await reading, 'a\n');
});
