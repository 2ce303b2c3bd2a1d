import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

const skip = process.getuid?.() !== 0 && 'needs root';

test('what another engine has where the same path is another directory is let be', { skip }, async () => {
  const bundles = mkdtempSync(path.join(tmpdir(), 'slipway-orphans-'));
  const script = `mount -t tmpfs none ${bundles}; echo there; exec sh -c 'read -r _; true' --bundle=${bundles}/lost`;
  const other = spawn('unshare', ['--mount', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(other, 'exit');
  try {
    await once(other.stdout, 'data');
    await killOrphans(linuxHost, bundles, new Set());
    assert.equal(other.signalCode, null);
  } finally {
    other.kill('SIGKILL');
    await ended;
    rmSync(bundles, { recursive: true });
  }
});
