/** What drivers put on the wire, where no server is needed to see it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { DgramSocket } from 'node-unix-socket';
import { gelfChunks } from './gelf.ts';
import { journalFormat, journalName, openJournald } from './journald.ts';
import type { LogMessage } from './log-sink.ts';
import { sampleLogged } from './logged-container.sample.ts';
import { syslogFormat } from './syslog.ts';

const message = (line: string): LogMessage => ({
  stream: 'stderr',
  seconds: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000,
  nanoseconds: 6_007_008,
  line: Buffer.from(line),
});

test('journald: fields by the line, a value with newlines by its length', () => {
  const format = journalFormat(sampleLogged({ labels: 'com.x', tag: 't' }));
  const text = format({ ...message('a'), partial: { id: 'p', ordinal: 1, last: false } }).toString();
  assert.ok(text.startsWith('MESSAGE=a\nPRIORITY=3\nSYSLOG_TIMESTAMP=2026-01-02T03:04:05.006007008Z\n'));
  for (const field of ['CONTAINER_ID=a2dcb6f7a5f9', 'CONTAINER_NAME=web', 'CONTAINER_TAG=t', 'COM_X=lbl']) {
    assert.ok(text.includes(`\n${field}\n`), field);
  }
  assert.ok(text.includes('CONTAINER_PARTIAL_MESSAGE=true\nCONTAINER_PARTIAL_ID=p\nCONTAINER_PARTIAL_ORDINAL=1\n'));
  const long = format(message('a\nb'));
  assert.equal(long.subarray(0, 20).toString('hex'), Buffer.from('MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\n').toString('hex'));
  assert.equal(journalName('_com.example-1'), 'COM_EXAMPLE_1');
});

test('journald: each message is a datagram; without the journal the driver says so', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-journal-'));
  const socket = path.join(folder, 'socket');
  await assert.rejects(openJournald(sampleLogged(), socket), { message: 'journald is not enabled on this host' });
  const journal = new DgramSocket();
  try {
    journal.bind(socket);
    const received: string[] = [];
    const both = new Promise<void>((resolve) => {
      journal.on('data', (bytes: Buffer) => {
        received.push(bytes.toString());
        if (received.length === 2) resolve();
      });
    });
    await using sink = await openJournald(sampleLogged(), socket);
    await sink.send([message('one'), message('two')], new AbortController().signal);
    await both;
    assert.deepEqual(
      received.map((text) => text.split('\n')[0]),
      ['MESSAGE=one', 'MESSAGE=two'],
    );
  } finally {
    journal.close();
    rmSync(folder, { recursive: true });
  }
});

test('gelf: up to 1420 bytes in one datagram, up to 128 chunks, no more', () => {
  assert.equal(gelfChunks(Buffer.alloc(1420)).length, 1);
  const chunks = gelfChunks(Buffer.alloc(1421, 1), Buffer.from('12345678'));
  assert.deepEqual(
    chunks.map((chunk) => chunk.length),
    [1420, 25],
  );
  assert.equal(chunks[1]?.subarray(0, 12).toString('latin1'), '\x1e\x0f12345678\x01\x02');
  assert.throws(() => gelfChunks(Buffer.alloc(1408 * 128 + 1)), { code: 'invalid', message: /129 chunks/ });
});

test('syslog: facility and severity make the priority', () => {
  const rfc5424 = syslogFormat(sampleLogged({ 'syslog-format': 'rfc5424', 'syslog-facility': '1' }))(message('x'));
  assert.match(rfc5424.toString(), /^<11>1 2026-01-02T03:04:05Z \S+ a2dcb6f7a5f9 \d+ a2dcb6f7a5f9 - x\n$/);
});
