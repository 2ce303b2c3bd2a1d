import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { linuxHost } from '../host/linux.ts';
import { killOrphans } from './orphans.ts';

test('kills what works on bundles that nobody knows; live containers and execs are let be', async () => {
  const bundles = `/nowhere/slipway-orphans-${process.pid}`;
  const begin = (...args: string[]) => spawn('sh', ['-c', 'sleep 60; true', ...args, 'more'], { stdio: 'ignore' });
  const children = {
    lost: begin(`--bundle=${bundles}/lost`),
    runtime: begin('--bundle', `${bundles}/lost`),
    live: begin(`--bundle=${bundles}/live`),
    exec: begin(`--bundle=${bundles}/exec-1`),
    reader: begin(`${bundles}/lost/config.json`),
  };
  const ended = Promise.all([once(children.lost, 'exit'), once(children.runtime, 'exit')]);
  try {
    await killOrphans(linuxHost, bundles, new Set(['live']));
    assert.deepEqual(await ended, [
      [null, 'SIGKILL'],
      [null, 'SIGKILL'],
    ]);
    const { live, exec, reader } = children;
    assert.deepEqual([live.signalCode, exec.signalCode, reader.signalCode], [null, null, null]);
  } finally {
    for (const child of Object.values(children)) child.kill('SIGKILL');
  }
});
