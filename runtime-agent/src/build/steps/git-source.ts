/** Git repositories as sources of ADD and as contexts, by the host's git. */
import { randomUUID } from 'node:crypto';
import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Host } from '../../host/host.ts';
import { findProgram } from '../../host/tools.ts';
import { shownAddress } from '../../registry/get-file.ts';
import type { ProxySettings } from '../../registry/proxies.ts';
import type { GitAddress } from './git-address.ts';

export interface GitTools {
  readonly host: Host;
  readonly proxies: ProxySettings;
  /** Socket of the SSH agent that answers for the person who builds; without it SSH uses this machine's own keys. */
  readonly agent?: string;
  readonly signal: AbortSignal;
}

/** What an address means now. */
export interface ResolvedGit {
  /** Full name, such as `refs/tags/v1`; undefined where the address names a commit. */
  readonly ref: string | undefined;
  readonly commit: string;
}

const COMMIT = /^[0-9a-f]{40}$/;
/** Servers of plain files send no part of a history; others none of commits that no reference names. */
const NOT_SHALLOW = /does not support shallow|unadvertised object|not our ref/;
const EVERY_BRANCH = '+refs/heads/*:refs/remotes/origin/*';
const EVERY_TAG = '+refs/tags/*:refs/tags/*';

/** Throws EngineError('invalid') when the repository cannot be read, or has no such reference. */
export async function resolveGit(tools: GitTools, address: GitAddress): Promise<ResolvedGit> {
  const { repository, commit } = address;
  const ref = address.ref ?? (COMMIT.test(commit ?? '') ? commit : undefined) ?? 'HEAD';
  if (COMMIT.test(ref)) return { ref: undefined, commit: ref };
  const lines = (await git(tools, ['ls-remote', '--symref', '--', repository, ref, `${ref}^{}`])).split('\n');
  const head = lines.map((line) => /^ref: (\S+)\tHEAD$/.exec(line)?.[1]).find((name) => name !== undefined);
  const found = lines.map((line) => line.split('\t')).filter(([id = '']) => COMMIT.test(id));
  const [first, name = ''] = found[0] ?? [];
  if (first === undefined) {
    throw new EngineError('invalid', `repository does not contain ref ${ref}: ${shownAddress(repository)}`);
  }
  // An annotated tag is an object of its own; the commit is what it leads to.
  const peeled = found.find(([, other]) => other === `${name}^{}`)?.[0];
  return { ref: name === 'HEAD' ? head : name, commit: peeled ?? first };
}

/** Throws EngineError('invalid') when `commit` is not what `checksum`, a commit or the beginning of one, says. */
export function checkCommit(address: string, commit: string, checksum: string | undefined): void {
  if (checksum === undefined) return;
  const shown = shownAddress(address);
  if (!/^[0-9a-f]+$/.test(checksum)) {
    const text = `invalid checksum ${checksum} for Git URL, expected hex commit hash: ${shown}`;
    throw new EngineError('invalid', text);
  }
  if (commit.startsWith(checksum)) return;
  throw new EngineError('invalid', `expected checksum to match ${checksum}, got ${commit}: ${shown}`);
}

/** Checks the commit out into a new folder; gives the path of what the address means in it. */
export async function checkOut(
  tools: GitTools,
  address: GitAddress,
  { resolved, folder, keepGitDir }: { resolved: ResolvedGit; folder: string; keepGitDir: boolean },
): Promise<string> {
  const { repository, submodules } = address;
  const { ref, commit } = resolved;
  const into = path.join(folder, `git-${randomUUID()}`);
  const inside = (...args: string[]): Promise<string> => git(tools, ['-C', into, ...args]);
  await git(tools, ['init', '--quiet', into]);
  await inside('remote', 'add', 'origin', repository);
  const fetch = (...args: string[]) => inside('fetch', '--quiet', '--no-tags', '--update-head-ok', ...args);
  await fetch('--depth=1', 'origin', ...refspecs(address, ref, commit)).catch((error: unknown) => {
    if (!NOT_SHALLOW.test(messageOf(error))) throw error;
    return fetch('origin', ...(ref === undefined ? [EVERY_BRANCH, EVERY_TAG] : refspecs(address, ref, commit)));
  });
  await inside('checkout', '--quiet', '--force', '--detach', commit);
  if (submodules) {
    const update = (...args: string[]) => inside('submodule', '--quiet', 'update', '--init', '--recursive', ...args);
    await update('--depth=1').catch((error: unknown) => {
      if (!NOT_SHALLOW.test(messageOf(error))) throw error;
      return update();
    });
  }
  await rm(path.join(into, keepGitDir ? '.git/FETCH_HEAD' : '.git'), { recursive: true, force: true });
  return folderIn(into, address);
}

/** The references that the checked out repository has are BuildKit's: a branch is a tag, too. */
function refspecs({ ref: written }: GitAddress, ref: string | undefined, commit: string): string[] {
  if (ref === undefined) return [commit];
  const short = ref.replace(/^refs\/(heads|tags)\//, '');
  const tag = `+${ref}:refs/tags/${written ?? short}`;
  return ref.startsWith('refs/tags/') ? [`+${ref}:${ref}`] : [tag, `+${ref}:${ref}`];
}

/** Throws EngineError('invalid') when it is no folder, or only a link to one. */
async function folderIn(root: string, { folder }: GitAddress): Promise<string> {
  const parts = path.posix.resolve('/', folder).split('/').filter(Boolean);
  let at = root;
  for (const part of parts) {
    at = path.join(at, part);
    const found = await lstat(at).catch(() => undefined);
    if (found?.isDirectory()) continue;
    const why = found === undefined ? 'is not in the repository' : `contains non-directory ${JSON.stringify(part)}`;
    throw new EngineError('invalid', `invalid subdir: git subpath "/${parts.join('/')}" ${why}`);
  }
  return at;
}

function gitProgram(): string {
  const program = findProgram('git');
  if (program !== undefined) return program;
  const text = 'Git repositories need git on the host of the engine: install the package git there';
  throw new EngineError('unavailable', text);
}

const SSH = 'ssh -o BatchMode=yes';
const OWN_KEYS =
  " (without an agent SSH uses the keys and known hosts of the engine's user on its host: build with --ssh default, with buildx or slipway build, to use yours)";
/** Nothing of this machine's, whose known hosts mean nothing to a client elsewhere: as with BuildKit the host is not checked. */
const ONLY_AGENT =
  '-F /dev/null -o IdentityFile=none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR';

/** curl, which git has, uses proxies for this machine too unless it is told not to. */
function environment({ http, https, none }: ProxySettings, agent: string | undefined): NodeJS.ProcessEnv {
  return {
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_SSH_COMMAND: agent === undefined ? SSH : `${SSH} ${ONLY_AGENT}`,
    ...(agent !== undefined && { SSH_AUTH_SOCK: agent }),
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    ...(http !== '' && { http_proxy: http }),
    ...(https !== '' && { https_proxy: https }),
    no_proxy: ['localhost', '127.0.0.1', '::1', none].filter(Boolean).join(','),
  };
}

async function git({ host, proxies, agent, signal }: GitTools, args: readonly string[]): Promise<string> {
  const options = { env: environment(proxies, agent), signal, onFailure: 'return' } as const;
  const all = ['-c', 'protocol.ext.allow=never', '-c', 'advice.detachedHead=false', ...args];
  const { code, stdout, stderr } = await host.run(gitProgram(), all, options);
  signal.throwIfAborted();
  if (code === 0) return stdout;
  const said = stderr.trim().replaceAll(/\S+:\/\/\S+/g, shownAddress);
  const hint = agent === undefined && /Permission denied|Host key verification failed/.test(said) ? OWN_KEYS : '';
  throw new EngineError('invalid', `git failed: ${said === '' ? `exit code ${code}` : said}${hint}`);
}
