import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import { linuxHost } from '../host/linux.ts';
import { execThroughConmon } from './exec-pipes.ts';
import { createFifos } from './fifos.ts';

const open = (folder: string): string[] =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false; // the one that listed them
    }
  });

test('a conmon that cannot be launched: the error is told, and no stream stays open', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-exec-'));
  const directory = mkdtempSync(path.join(root, 'exec-'));
  const refuse = async (): Promise<number> => {
    throw new EngineError('internal', 'cannot start conmon: the shell was ended');
  };
  try {
    const host = { ...linuxHost, launch: refuse };
    const fifos = createFifos({ host: linuxHost, folder: path.join(root, 'fifos') });
    const options = {
      host,
      fifos,
      program: 'conmon',
      ociRuntime: 'runc',
      ociRoot: root,
      exits: root,
      patienceMs: 1000,
    };
    const request = {
      id: 'a',
      directory,
      processFile: path.join(directory, 'process.json'),
      stdin: true,
      stdout: true,
    };
    const pipes = execThroughConmon(options, request);
    for (const stream of [pipes.stdin, pipes.stdout, pipes.stderr]) stream?.on('error', () => {});
    await assert.rejects(pipes.started, /the shell was ended/);
    await assert.rejects(pipes.exited, /the shell was ended/);
    for (let i = 0; i < 100 && open(directory).length > 0; i++) await sleep(10);
    assert.deepEqual(open(directory), []);
  } finally {
    rmSync(root, { recursive: true });
  }
});
