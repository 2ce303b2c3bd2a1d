import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineConnection } from './engine-connection.ts';
import { type HostList, hostList } from './host-list.ts';
import { parseHostId, readSavedHosts, type SavedHost } from './saved-host.ts';

interface Stand {
  readonly list: HostList;
  readonly saved: (readonly SavedHost[])[];
  readonly lost: string[];
  /** What each next attempt does. */
  readonly plan: (EngineError | 'hang')[];
  /** Makes the current connection break. */
  breakNow: (reason: string) => void;
  closed: number;
}

function stand(plan: (EngineError | 'hang')[] = []): Stand {
  const it: Stand = {
    list: undefined as unknown as HostList,
    saved: [],
    lost: [],
    plan,
    breakNow: () => undefined,
    closed: 0,
  };
  const connect = async (host: SavedHost, { signal }: { readonly signal?: AbortSignal }): Promise<EngineConnection> => {
    const next = plan.shift();
    if (next === 'hang') {
      await new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new EngineError('cancelled', 'x'))),
      );
    } else if (next !== undefined) throw next;
    return {
      id: host.kind,
      onLost: (listener: (reason: string) => void) => {
        it.breakNow = listener;
        return () => undefined;
      },
      [Symbol.asyncDispose]: async () => {
        it.closed++;
      },
    } as unknown as EngineConnection;
  };
  const list = hostList({
    connect,
    saved: [{ kind: 'local' }],
    save: async (hosts) => void it.saved.push(hosts),
    log: () => undefined,
    onLost: (label, reason) => it.lost.push(`${label}: ${reason}`),
    backOff: [5, 5],
  });
  return Object.assign(it, { list });
}

const stateOf = (it: Stand, id = 'local') => it.list.get(id)?.state;
const kind = (it: Stand, id = 'local'): string | undefined => stateOf(it, id)?.kind;

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(condition());
}

test('hosts are added once, saved, connected and removed', async () => {
  const it = stand();
  await it.list.add({ kind: 'ssh', name: 'box' });
  await it.list.add({ kind: 'ssh', name: 'box' });
  assert.deepEqual(
    it.list.all().map(({ id, label }) => [id, label]),
    [
      ['local', 'This machine'],
      ['ssh:box', 'box'],
    ],
  );
  assert.equal(it.saved.length, 1);
  await it.list.connect('ssh:box');
  assert.equal(it.list.connections().length, 1);
  await it.list.remove('ssh:box');
  assert.equal(it.closed, 1);
  assert.deepEqual(it.saved.at(-1), [{ kind: 'local' }]);
});

test('two who connect at once share one attempt', async () => {
  const it = stand();
  const [a, b] = await Promise.all([it.list.connect('local'), it.list.connect('local')]);
  assert.equal(a, b);
  assert.equal(await it.list.connect('local'), a);
});

test('a failure is kept for the tree, cancelling is none', async () => {
  const it = stand([new EngineError('unauthorized', 'no entry')]);
  await assert.rejects(it.list.connect('local'), { message: 'no entry' });
  assert.equal(kind(it), 'failed');
  it.plan.push('hang');
  const controller = new AbortController();
  const connecting = it.list.connect('local', { signal: controller.signal });
  assert.equal(kind(it), 'connecting');
  controller.abort();
  await assert.rejects(connecting, { code: 'cancelled' });
  assert.equal(kind(it), 'disconnected');
});

test('a lost connection comes back by itself, after as many tries as it takes', async () => {
  const it = stand();
  const first = await it.list.connect('local');
  it.plan.push(new EngineError('unavailable', 'still down'), new EngineError('unavailable', 'still down'));
  it.breakNow('cable cut');
  assert.equal(kind(it), 'lost');
  assert.deepEqual(it.lost, ['This machine: cable cut']);
  await until(() => kind(it) === 'connected');
  assert.notEqual(it.list.connection('local'), first);
  assert.equal(it.closed, 1);
  assert.equal(it.plan.length, 0);
});

test('while a lost connection is tried again, the reason of its loss is known', async () => {
  const it = stand();
  await it.list.connect('local');
  it.plan.push('hang');
  it.breakNow('cable cut');
  await until(() => kind(it) === 'connecting');
  assert.deepEqual(stateOf(it), { kind: 'connecting', message: 'Connecting', lost: 'cable cut' });
  await it.list.disconnect('local');
  it.plan.push('hang');
  it.list.connect('local').catch(() => undefined);
  assert.deepEqual(stateOf(it), { kind: 'connecting', message: 'Connecting' });
  await it.list.disconnect('local');
});

test('a try by hand that fails leaves it to those that go on by themselves', async () => {
  const it = stand();
  await it.list.connect('local');
  it.plan.push(new EngineError('unavailable', 'still down'), new EngineError('unavailable', 'still down'));
  it.breakNow('cable cut');
  await assert.rejects(it.list.connect('local'), { message: 'still down' });
  assert.equal(kind(it), 'lost');
  await until(() => kind(it) === 'connected');
  assert.equal(it.plan.length, 0);
});

test('what trying again cannot mend is not tried again', async () => {
  const it = stand();
  await it.list.connect('local');
  it.plan.push(new EngineError('forbidden', 'host key changed'));
  it.breakNow('cable cut');
  await until(() => kind(it) === 'failed');
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(kind(it), 'failed');
});

test('disconnecting ends the tries, connecting by hand replaces them', async () => {
  const it = stand();
  await it.list.connect('local');
  it.breakNow('cable cut');
  await it.list.disconnect('local');
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(kind(it), 'disconnected');
  await it.list.connect('local');
  it.breakNow('again');
  await it.list.connect('local');
  assert.equal(kind(it), 'connected');
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(it.list.connections().length, 1);
});

test('disconnecting during an attempt closes what it opens', async () => {
  const it = stand(['hang']);
  const connecting = it.list.connect('local');
  await it.list.disconnect('local');
  await assert.rejects(connecting, { code: 'cancelled' });
  assert.equal(kind(it), 'disconnected');
});

test('ids are read back; rubbish in the store is left out', () => {
  assert.deepEqual(parseHostId('ssh:me@box:22'), { kind: 'ssh', name: 'me@box:22' });
  assert.deepEqual(parseHostId('socket:/run/docker.sock'), { kind: 'socket', path: '/run/docker.sock' });
  assert.deepEqual(readSavedHosts(['local', 'x', 7, 'ssh:', 'ssh:a']), [{ kind: 'local' }, { kind: 'ssh', name: 'a' }]);
  assert.deepEqual(readSavedHosts('local'), []);
});
