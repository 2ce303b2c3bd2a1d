import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { Host, HostState } from '../hosts/host-list.ts';
import { liveConnection } from './live-connection.ts';

const connection = { id: 'ssh:box' } as EngineConnection;

function hosts(first: HostState | undefined) {
  const listeners = new Set<() => void>();
  let state = first;
  return {
    get: (id: string): Host | undefined =>
      state === undefined ? undefined : { id, label: 'box', saved: { kind: 'ssh', name: 'box' }, state },
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    become(next: HostState): void {
      state = next;
      for (const listener of listeners) listener();
    },
    listeners,
  };
}
const never = new AbortController().signal;
const refused = (error: EngineError): boolean => error.code === 'unavailable';

test('the connection that is there, or the next one while it is being got back', async () => {
  const up = hosts({ kind: 'connected', connection });
  assert.equal(await liveConnection(up, 'ssh:box', never), connection);
  const down = hosts({ kind: 'lost', reason: 'x', retryAt: 0 });
  const waiting = liveConnection(down, 'ssh:box', never);
  down.become({ kind: 'connecting', message: 'x' });
  down.become({ kind: 'connected', connection });
  assert.equal(await waiting, connection);
  assert.equal(down.listeners.size, 0);
});

test('nobody waits for a host that nobody connects to', async () => {
  await assert.rejects(liveConnection(hosts({ kind: 'disconnected' }), 'ssh:box', never), refused);
  await assert.rejects(liveConnection(hosts(undefined), 'ssh:box', never), refused);
  const lost = hosts({ kind: 'lost', reason: 'x', retryAt: 0 });
  const waiting = liveConnection(lost, 'ssh:box', never);
  lost.become({ kind: 'failed', error: new EngineError('unauthorized', 'no') });
  await assert.rejects(waiting, refused);
});

test('a cancelled wait ends at once', async () => {
  const lost = hosts({ kind: 'lost', reason: 'x', retryAt: 0 });
  const stop = new AbortController();
  const waiting = liveConnection(lost, 'ssh:box', stop.signal);
  stop.abort();
  await assert.rejects(waiting, (error: EngineError) => error.code === 'cancelled');
  assert.equal(lost.listeners.size, 0);
});
