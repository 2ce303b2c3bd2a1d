import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { listeningSockets, parseSocketTable, reachableAddress } from './listening-sockets.ts';

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const line = (address: string, state: string, inode: number): string =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000000000000000 100 0 0 10 0`;

test('listening sockets of both families are read, connections are not', () => {
  const text = [
    HEADER,
    line('0100007F:240D', '0A', 11),
    line('00000000:0BB8', '0A', 12),
    line('0100007F:C350', '01', 13),
    line('00000000000000000000000000000000:0050', '0A', 14),
    line('00000000000000000000000001000000:1F90', '0A', 15),
    line('0000000000000000FFFF00000100007F:1F91', '0A', 16),
    line('000080FE00000000FF005450B6AD1DFE:01BB', '0A', 17),
    '',
  ].join('\n');
  assert.deepEqual(parseSocketTable(text), [
    { address: '127.0.0.1', port: 9229, inode: '11' },
    { address: '0.0.0.0', port: 3000, inode: '12' },
    { address: '::', port: 80, inode: '14' },
    { address: '::1', port: 8080, inode: '15' },
    { address: '127.0.0.1', port: 8081, inode: '16' },
    { address: 'fe80::5054:ff:fe1d:adb6', port: 443, inode: '17' },
  ]);
});

test('a real listener of this process is found', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer().listen(0, host);
    await new Promise((resolve) => server.on('listening', resolve));
    const { port } = server.address() as { port: number };
    const found = (await listeningSockets('/proc/self')).find((socket) => socket.port === port);
    assert.equal(found?.address, host);
    server.close();
  }
});

test('the address to connect to is loopback where the listener takes it', () => {
  const at = (...addresses: string[]): string | undefined =>
    reachableAddress(
      addresses.map((address) => ({ address, port: 3000, inode: '1' })),
      3000,
    );
  assert.equal(at('0.0.0.0'), '127.0.0.1');
  assert.equal(at('127.0.0.53'), '127.0.0.53');
  assert.equal(at('::'), '::1');
  assert.equal(at('::1', '172.17.0.2'), '::1');
  assert.equal(at('172.17.0.2'), '172.17.0.2');
  assert.equal(at('::', '0.0.0.0'), '127.0.0.1');
  assert.equal(at(), undefined);
});
