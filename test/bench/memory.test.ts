import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { proportionalMemory, residentMemory } from './memory.ts';

test('memory counts the process, its children and those that carry the mark', async () => {
  const mark = `slipway-memory-test-${process.pid}`;
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log()', mark]);
  try {
    await once(child.stdout, 'data');
    const own = residentMemory({ pid: () => child.pid ?? -1, mark: 'nobody has this' });
    assert.ok(own > 20, `${own} MB for a Node`);
    assert.equal(residentMemory({ pid: () => -1, mark: 'nobody has this' }), 0);
    assert.ok(residentMemory({ pid: () => -1, mark }) > 20);
    assert.ok(residentMemory({ pid: () => process.pid, mark: 'nobody has this' }) > own, 'the child counts');
    assert.ok(proportionalMemory({ pid: () => child.pid ?? -1, mark }) <= own * 1.2);
  } finally {
    child.kill('SIGKILL');
  }
});
