/** HostShell on this machine. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostShell, RunResult } from './host-shell.ts';
import { dialUnix } from './unix-socket.ts';

export function localShell(): HostShell {
  return { run: runLocally, upload: copyVerified, dial: dialUnix };
}

function runLocally(
  command: string,
  options: { readonly input?: Uint8Array; readonly signal?: AbortSignal } = {},
): Promise<RunResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.on('error', (error) => {
    if (options.signal?.aborted === true) reject(new EngineError('cancelled', 'Cancelled.', { cause: error }));
    else reject(new EngineError('internal', `/bin/sh cannot be run: ${error.message}`, { cause: error }));
  });
  child.on('close', (code) => {
    resolve({ code: code ?? 255, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
  });
  child.stdin.on('error', () => {
    // the program did not read its input to the end: its exit code says the rest
  });
  child.stdin.end(options.input);
  return promise;
}

export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const copyVerified: HostShell['upload'] = async (localFile, remoteFile, options = {}) => {
  const { size } = await stat(localFile);
  const wanted = await sha256OfFile(localFile);
  const there = await sha256OfFile(remoteFile).catch(() => undefined);
  if (there !== wanted) {
    await mkdir(path.dirname(remoteFile), { recursive: true });
    const aside = `${remoteFile}.${randomBytes(4).toString('hex')}`;
    try {
      await copyFile(localFile, aside);
      await rename(aside, remoteFile);
    } finally {
      await rm(aside, { force: true });
    }
  }
  options.progress?.(size, size);
};
