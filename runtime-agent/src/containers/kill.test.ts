import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../state/database.ts';
import type { ContainerContext } from './context.ts';
import { sendSignal, SIGKILL } from './kill.ts';
import { sampleRecord } from './record.sample.ts';
import { openContainerStore } from './store.ts';

const SIGTERM = 15;

/** What was waited for and sent, of a container that was started so long ago. */
async function sent(signal: number, ageMs: number): Promise<string[]> {
  const said: string[] = [];
  const store = openContainerStore(openDatabase(':memory:'));
  const startedAt = new Date(Date.now() - ageMs).toISOString();
  const container = store.add(sampleRecord({ status: 'running', process: { pid: 7, born: '1' }, startedAt }));
  const runtime = {
    alive: () => true,
    untilHandled: async (_process: object, wanted: number, ms: number) => {
      assert.ok(ms > 0 && ms <= 100, `${ms} ms`);
      said.push(`handler of ${wanted}`);
    },
  };
  const host = { kill: (pid: number, number: number) => said.push(`${number} to ${pid}`) > 0 };
  const context = { store, runtime, host, events: { publish: () => {} } } as unknown as ContainerContext;
  await sendSignal(context, container, signal);
  return said;
}

test('a signal right after the start waits for its handler; SIGKILL, and later ones, do not', async () => {
  assert.deepEqual(await sent(SIGTERM, 5), ['handler of 15', '15 to 7']);
  assert.deepEqual(await sent(SIGKILL, 5), ['9 to 7']);
  assert.deepEqual(await sent(SIGTERM, 5000), ['15 to 7']);
});
