/** The build context of a request, from wherever it comes. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Host } from '../../host/host.ts';
import { getFile } from '../../registry/get-file.ts';
import { readBody, type Transport } from '../../registry/transport.ts';
import { compressionOf, decompressed, peek } from '../../snapshots/decompress.ts';
import { BLOCK, encodeHeader, isTarHeader, padding } from '../../snapshots/tar-entry.ts';
import { isGitAddress, parseGitAddress } from '../steps/git-address.ts';
import { checkCommit, checkOut, resolveGit } from '../steps/git-source.ts';
import { type ReceivedContext, receiveContext } from './receive-context.ts';

export interface ContextSource {
  readonly context?: Readable;
  readonly remote?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
}

export interface OpenContextOptions {
  readonly host: Host;
  readonly transport: Transport;
  /** Folder for what arrives. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Build argument of BuildKit's. */
const KEEP_GIT_DIR = 'BUILDKIT_CONTEXT_KEEP_GIT_DIR';

/** Repositories there need not say that they are some. */
const GITHUB_ROOT = /^(https:\/\/github\.com\/[^/#?]+\/[^/#?]+?)(?:\.git)?((?:[?#].*)?)$/;

/** Throws EngineError('invalid') when there is none, or it is no archive. */
export async function openContext(source: ContextSource, options: OpenContextOptions): Promise<ReceivedContext> {
  const { context, remote = '', buildArgs = {} } = source;
  if (remote !== '') return remoteContext(remote, options, /^(1|true)$/i.test(buildArgs[KEEP_GIT_DIR] ?? ''));
  if (context === undefined) throw new EngineError('invalid', 'a build needs a context');
  return receive(context, options);
}

async function receive(stream: Readable, { host, directory, signal }: OpenContextOptions): Promise<ReceivedContext> {
  addAbortSignal(signal, stream); // a client that sends nothing more must not hold up the end
  const spool = path.join(directory, `context-${randomBytes(8).toString('hex')}`);
  return receiveContext(await decompressed(stream, host), spool, signal);
}

async function remoteContext(
  written: string,
  options: OpenContextOptions,
  keepGitDir: boolean,
): Promise<ReceivedContext> {
  const address = written.replace(/^github\.com\//, 'https://github.com/').replace(GITHUB_ROOT, '$1.git$2');
  const { host, directory, signal } = options;
  if (isGitAddress(address)) {
    const git = parseGitAddress(address);
    const tools = { host, proxies: options.transport.proxies, signal };
    const resolved = await resolveGit(tools, git);
    checkCommit(address, resolved.commit, git.commit);
    const folder = path.join(directory, `git-${randomBytes(8).toString('hex')}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      const root = await checkOut(tools, git, { resolved, folder, keepGitDir: keepGitDir || git.keepGitDir });
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
  const { body } = await getFile(options.transport, address, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new EngineError('invalid', `error downloading remote context: ${messageOf(error)}`, { cause: error });
  });
  const { start, rest } = await peek(body, BLOCK);
  // As BuildKit: what it is counts, not what the server says that it is.
  if (compressionOf(start) !== 'none' || isTarHeader(start)) return receive(rest, options);
  return receive(dockerfileAsTar(await readBody(rest)), options);
}

/** A Dockerfile alone is a context with nothing else in it. */
function dockerfileAsTar(text: Buffer): Readable {
  const none = { linkName: '', uid: 0, gid: 0, deviceMajor: 0, deviceMinor: 0, xattrs: [], sparse: [] };
  const header = encodeHeader({ ...none, type: '0', name: 'Dockerfile', mode: 0o644, size: text.length, mtime: '0' });
  return Readable.from([Buffer.concat([header, text, Buffer.alloc(padding(text.length) + 2 * BLOCK)])]);
}
