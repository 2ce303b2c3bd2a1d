import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineConnection } from './engine-connection.ts';
import { explainStart, listeningPorts } from './taken-port.ts';

const REFUSED = new EngineError('internal', 'driver failed programming external connectivity');

function host(table: string, others: object[], ports: readonly string[]): EngineConnection {
  const PortBindings = { '80/tcp': ports.map((HostPort) => ({ HostIp: '', HostPort })) };
  return {
    label: 'box',
    call: async (_method: string, path: string) =>
      path.endsWith('c1/json') ? { HostConfig: { PortBindings } } : others,
    run: async () => ({ code: 0, stdout: table, stderr: '' }),
  } as unknown as EngineConnection;
}

const row = (port: number, state: string): string =>
  `   0: 0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 ${state} 00000000:00000000`;

test('a container that has the port is named, else another program; what has no port is told as it is', async () => {
  const web = { Id: 'c2', Names: ['/web'], Ports: [{ PrivatePort: 80, PublicPort: 8080 }] };
  const explain = async (...args: Parameters<typeof host>): Promise<string> =>
    ((await explainStart(host(...args), 'c1', REFUSED)) as Error).message;
  const rest = 'stop that, or publish another port.';
  assert.equal(await explain('', [web], ['8080']), `Port 8080 of box is taken by the container web: ${rest}`);
  assert.equal(
    await explain(row(8080, '0A'), [], ['8080']),
    `Port 8080 of box is taken by another program there: ${rest}`,
  );
  assert.equal(await explain(row(8080, '01'), [web], ['9090', '0', '']), REFUSED.message);
  assert.equal(await explain(row(8080, '0A'), [web], []), REFUSED.message);
});

test('what cannot be found out, and what was cancelled, stays the error it was', async () => {
  const broken = { ...host('', [], ['80']), call: async () => await Promise.reject(new Error('gone')) };
  assert.equal(await explainStart(broken, 'c1', REFUSED), REFUSED);
  const cancelled = new EngineError('cancelled', 'Cancelled.');
  assert.equal(await explainStart(host('', [], ['80']), 'c1', cancelled), cancelled);
});

test('the table of this machine is read', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  assert.ok(listeningPorts(await readFile('/proc/net/tcp', 'utf8')).has(port));
  server.close();
});
