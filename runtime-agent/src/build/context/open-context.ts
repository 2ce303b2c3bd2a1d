/** The build context of a request, from wherever it comes. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Host } from '../../host/host.ts';
import { BLOCK, encodeHeader, padding } from '../../snapshots/tar-entry.ts';
import { checkOut, isGitAddress, resolveGit } from '../steps/remote-files.ts';
import { decompressed } from '../../snapshots/decompress.ts';
import { type ReceivedContext, receiveContext } from './receive-context.ts';

export interface ContextSource {
  readonly context?: Readable;
  readonly remote?: string;
}

export interface OpenContextOptions {
  readonly host: Host;
  /** Folder for what arrives. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Throws EngineError('invalid') when there is none, or it is no archive. */
export async function openContext(source: ContextSource, options: OpenContextOptions): Promise<ReceivedContext> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const { context, remote = '' } = source;
  if (remote !== '') return remoteContext(remote, options);
  if (context === undefined) throw new EngineError('invalid', 'a build needs a context');
  return receive(context, options);
}

async function receive(stream: Readable, { host, directory, signal }: OpenContextOptions): Promise<ReceivedContext> {
  addAbortSignal(signal, stream); // a client that sends nothing more must not hold up the end
  const spool = path.join(directory, `context-${randomBytes(8).toString('hex')}`);
  return receiveContext(await decompressed(stream, host), spool, signal);
}

async function remoteContext(address: string, options: OpenContextOptions): Promise<ReceivedContext> {
  const { host, directory, signal } = options;
  if (isGitAddress(address)) {
    const commit = await resolveGit(host, address, signal);
    const folder = path.join(directory, `git-${randomBytes(8).toString('hex')}`);
    await mkdir(folder, { mode: 0o700 });
    try {
      const root = await checkOut(host, { address, commit, folder, keepGitDir: false }, signal);
      const tar = host.spawn('tar', ['--create', '--file=-', `--directory=${root}`, '.'], { stderr: 'ignore' });
      return await receive(tar.stdout ?? Readable.from([]), options);
    } finally {
      await host.run('rm', ['-rf', '--', folder]);
    }
  }
  if (!/^https?:\/\//.test(address)) {
    throw new EngineError(
      'invalid',
      `unsupported remote build context ${address}: give a Git repository, or an http(s) address`,
    );
  }
  const response = await fetch(address, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new EngineError('invalid', `error downloading remote context ${address}: ${messageOf(error)}`, {
      cause: error,
    });
  });
  if (!response.ok || response.body === null) {
    const why = `failed to GET ${address} with status ${response.status} ${response.statusText}`;
    throw new EngineError('invalid', `error downloading remote context ${address}: ${why}`);
  }
  if ((response.headers.get('content-type') ?? '').startsWith('text/plain')) {
    return receive(dockerfileAsTar(Buffer.from(await response.arrayBuffer())), options);
  }
  return receive(Readable.fromWeb(response.body), options);
}

/** A Dockerfile alone is a context with nothing else in it. */
function dockerfileAsTar(text: Buffer): Readable {
  const none = { linkName: '', uid: 0, gid: 0, deviceMajor: 0, deviceMinor: 0, xattrs: [], sparse: [] };
  const header = encodeHeader({ ...none, type: '0', name: 'Dockerfile', mode: 0o644, size: text.length, mtime: '0' });
  return Readable.from([Buffer.concat([header, text, Buffer.alloc(padding(text.length) + 2 * BLOCK)])]);
}
