import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host/host.ts';
import { createFirewall } from './firewall.ts';

/** Runs scripts as nft would: at once or not at all; `bad` is refused. */
function recorder() {
  const scripts: string[] = [];
  let running = 0;
  const host = {
    async runShort(_command: string, _args: readonly string[], input: string) {
      assert.equal(++running, 1, 'one transaction at a time');
      await sleep(5);
      running--;
      if (input.includes('bad')) throw new Error('nft: bad');
      scripts.push(input.trim());
    },
  } as unknown as Host;
  return { scripts, firewall: createFirewall(host) };
}

test('what comes while one runs goes together in the next', async () => {
  const { scripts, firewall } = recorder();
  await Promise.all(['a', 'b', 'c'].map((script) => firewall.apply(script)));
  assert.deepEqual(scripts, ['a', 'b\nc']);
  await firewall.apply('d');
  assert.equal(scripts.at(-1), 'd');
});

test('a failure reaches its author only', async () => {
  const { scripts, firewall } = recorder();
  const results = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((script) => firewall.apply(script)));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(scripts, ['a', 'b', 'c']);
  await assert.rejects(firewall.apply('bad'), /nft: bad/);
  await firewall.apply('e');
});
