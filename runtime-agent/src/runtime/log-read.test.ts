import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

test('rotations at every moment: no line twice, none lost while its file is kept', async () => {
  const log = logDirectory();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const readings = [read(log.directory, { ended }), read(log.directory, { ended }), read(log.directory, { ended })];
  const shift = async (): Promise<void> => {
    // As the engine does it: 1 becomes 2, the current one becomes 1, a new one appears.
    const at = (name: string): string => path.join(log.directory, name);
    for (const number of [8, 7, 6, 5, 4, 3, 2, 1]) {
      if (existsSync(at(String(number)))) renameSync(at(String(number)), at(String(number + 1)));
      await Promise.resolve();
    }
    if (existsSync(at('current'))) renameSync(at('current'), at('1'));
    await sleep(Math.random() * 2);
    writeFileSync(at('current.tmp'), '');
    renameSync(at('current.tmp'), at('current'));
  };
  const expected: string[] = [];
  for (let i = 0; i < 300; i++) {
    log.write(String(i));
    expected.push(String(i));
    if (i % 40 === 39) await shift();
    else if (i % 5 === 0) await sleep(Math.random() * 2);
  }
  end();
  for (const text of await Promise.all(readings)) assert.equal(text, `${expected.join('\n')}\n`);
});
