import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { SshTarget } from './target.ts';
import { dialCommand, dialTcp } from './transport.ts';

let server: Server;
let port: number;
before(async () => {
  server = createServer((socket) => socket.end('SSH-2.0-test\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
after(() => server.close());

const to = (more: Partial<SshTarget>): SshTarget =>
  ({ name: 'box', host: '127.0.0.1', port, connectTimeoutMs: 5000, ...more }) as SshTarget;

test('a connection to who listens there', async () => {
  assert.equal(await text(await dialTcp(to({}))), 'SSH-2.0-test\r\n');
  assert.equal(await text(await dialTcp(to({ host: 'localhost' }))), 'SSH-2.0-test\r\n');
});

test('each way not to get there has its own words, with the address and the alias', async () => {
  await assert.rejects(dialTcp(to({ port: 1 })), {
    code: 'unavailable',
    message: 'Cannot reach 127.0.0.1:1 (box): connection refused. Is sshd running there, on this port?',
  });
  await assert.rejects(dialTcp(to({ name: 'no-host.invalid', host: 'no-host.invalid' })), {
    message: /^Cannot reach no-host\.invalid:\d+: there is no host of the name “no-host\.invalid”\. Check the spelling/,
  });
  await assert.rejects(dialTcp(to({ host: '::1', port: 1 })), { message: /^Cannot reach \[::1\]:1 \(box\): / });
});

test('who does not answer is waited for as long as the configuration says', async () => {
  // 192.0.2.0/24 is for documentation: nobody is there. Some networks say so at once.
  const waiting = dialTcp(to({ host: '192.0.2.1', connectTimeoutMs: 200 }));
  await assert.rejects(waiting, { code: 'unavailable', message: /^Cannot reach 192\.0\.2\.1:\d+ \(box\): / });
});

test('cancelled before and during', async () => {
  await assert.rejects(dialTcp(to({}), AbortSignal.abort()), { code: 'cancelled' });
  const slow = dialTcp(to({ host: '192.0.2.1' }), AbortSignal.timeout(20));
  await assert.rejects(slow, (error: { code?: string }) => error.code === 'cancelled' || error.code === 'unavailable');
});

test('a proxy command is a stream; what it complains about is logged; it ends with the stream', async () => {
  const said: string[] = [];
  const stream = dialCommand('sh -c "echo oops >&2; exec cat"', to({}), (line) => said.push(line));
  stream.end('there and back');
  assert.equal(await text(stream), 'there and back');
  assert.deepEqual(said, ['proxy of box: oops']);
  const endless = dialCommand('sleep 1000', to({}), () => undefined);
  endless.on('error', () => undefined);
  endless.destroy();
  await new Promise((resolve) => endless.once('close', resolve));
});
