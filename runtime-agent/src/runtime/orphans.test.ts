import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { linuxHost } from '../host/linux.ts';
import { killOrphans } from './orphans.ts';

test('kills what works on bundles that nobody knows; live containers and execs are let be', async () => {
  const bundles = `/nowhere/slipway-orphans-${process.pid}`;
  const begin = (name: string) =>
    spawn('sh', ['-c', 'sleep 60; true', `--bundle=${bundles}/${name}`, 'more'], { stdio: 'ignore' });
  const children = { lost: begin('lost'), live: begin('live'), exec: begin('exec-1') };
  const ended = once(children.lost, 'exit');
  try {
    await killOrphans(linuxHost, bundles, new Set(['live']));
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    assert.deepEqual([children.live.signalCode, children.exec.signalCode], [null, null]);
  } finally {
    for (const child of Object.values(children)) child.kill('SIGKILL');
  }
});
