/** Git repositories as sources of ADD and as contexts, by the host's git. */
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Host } from '../../host/host.ts';
import { findProgram } from '../../host/tools.ts';

export function isGitAddress(address: string): boolean {
  return /^(git@|git:\/\/|ssh:\/\/)/.test(address) || /^https?:\/\/[^#?]+\.git(#.*)?$/.test(address);
}

/** `repository#ref:folder`. */
interface GitAddress {
  readonly repository: string;
  readonly ref: string;
  readonly folder: string;
}

function parseGitAddress(address: string): GitAddress {
  const hash = address.indexOf('#');
  const repository = hash === -1 ? address : address.slice(0, hash);
  const [ref = '', folder = ''] = hash === -1 ? [] : address.slice(hash + 1).split(':', 2);
  return { repository, ref: ref === '' ? 'HEAD' : ref, folder };
}

function gitProgram(): string {
  const git = findProgram('git');
  if (git === undefined) {
    throw new EngineError(
      'unavailable',
      'Git repositories need git on the host of the engine: install the package git there',
    );
  }
  return git;
}

const GIT_ENV = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_NOSYSTEM: '1',
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
};

/** The commit that the address means now. */
export async function resolveGit(host: Host, address: string, signal: AbortSignal): Promise<string> {
  const { repository, ref } = parseGitAddress(address);
  if (/^[0-9a-f]{40}$/.test(ref)) return ref;
  const { stdout } = await git(host, ['ls-remote', '--', repository, ref], signal);
  const commit = stdout.split('\t', 1)[0] ?? '';
  if (commit === '') throw new EngineError('invalid', `repository ${repository} has no ref ${ref}`);
  return commit;
}

/** Checks the commit out into a new folder; gives the path of what the address means in it. */
export async function checkOut(
  host: Host,
  { address, commit, folder, keepGitDir }: { address: string; commit: string; folder: string; keepGitDir: boolean },
  signal: AbortSignal,
): Promise<string> {
  const { repository, folder: inside } = parseGitAddress(address);
  const into = path.join(folder, `git-${commit}`);
  await git(host, ['init', '--quiet', into], signal);
  await git(host, ['-C', into, 'fetch', '--quiet', '--depth=1', '--', repository, commit], signal);
  await git(host, ['-C', into, 'checkout', '--quiet', '--force', 'FETCH_HEAD'], signal);
  if (!keepGitDir) await host.run('rm', ['-rf', '--', path.join(into, '.git')]);
  return path.join(into, path.posix.resolve('/', inside));
}

async function git(host: Host, args: readonly string[], signal: AbortSignal) {
  try {
    return await host.run(gitProgram(), ['-c', 'protocol.ext.allow=never', ...args], { env: GIT_ENV, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EngineError && error.code !== 'internal') throw error;
    throw new EngineError('invalid', messageOf(error), { cause: error });
  }
}
