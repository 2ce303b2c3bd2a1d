/** Where the files of one COPY or ADD come from, found once per step and used for its keys and its work. */
import { EngineError } from '#model/engine-api/errors.ts';
import { failure } from '../failure-cause.ts';
import { directoryTree } from '../files/directory-tree.ts';
import { suggest } from '#model/text/suggest.ts';
import { type FileTree, followLinks } from '../files/file-tree.ts';
import { looseFiles } from '../files/loose-files.ts';
import { type SelectedSource, selectSources } from '../files/select-sources.ts';
import type { CopyWork } from '../plan/work.ts';
import type { BuildRun } from './build-run.ts';
import type { CopyGroup } from './copy-group.ts';
import { openAgentSocket } from './agent-socket.ts';
import { isGitAddress, isSshAddress, parseGitAddress } from './git-address.ts';
import { checkCommit, checkOut, resolveGit } from './git-source.ts';
import { download } from './remote-file.ts';

/** Throws EngineError('invalid') in Docker's words for sources that are not there. */
export function selectLocal(work: CopyWork, tree: FileTree): SelectedSource[] {
  const { sources, missing } = selectSources(tree, work.sources, work.parents);
  const [absent] = missing;
  if (absent === undefined) return [...sources];
  const where = work.from.kind === 'context' ? 'file not found in build context or excluded by .dockerignore: ' : '';
  const name = absent.replace(/^\/+/, '');
  throw failure(
    'invalid',
    `${work.keyword} failed: ${where}stat ${name}: file does not exist${hintFor(absent, tree)}`,
    { missing: `/${name}` },
  );
}

/** A file of nearly that name in the same folder. */
function hintFor(absent: string, tree: FileTree): string {
  const cleaned = absent.replaceAll(/^[./]+/g, '');
  const slash = cleaned.lastIndexOf('/');
  const folder = followLinks(tree, slash === -1 ? '' : cleaned.slice(0, slash));
  if (folder === undefined || tree.entry(folder)?.kind !== 'directory') return '';
  const name = cleaned.slice(slash + 1);
  const names = tree.children(folder);
  const near = names.find((one) => one.toLowerCase() === name.toLowerCase() && one !== name) ?? suggest(name, names);
  return near === undefined ? '' : ` (did you mean ${cleaned.slice(0, slash + 1)}${near}?)`;
}

/** Here-documents and files by address; each address is fetched once per build. */
export async function looseGroups(work: CopyWork, run: BuildRun, signal: AbortSignal): Promise<CopyGroup[]> {
  const groups: CopyGroup[] = [];
  if (work.inline.length > 0) {
    const mtime = Math.floor(Date.now() / 1000);
    const tree = looseFiles(
      work.inline.map(({ name, content }) => ({ name, mode: 0o644, mtime, content: { text: content } })),
    );
    groups.push(groupOf(tree, tree.children(''), false));
  }
  for (const address of work.remotes) {
    const key = JSON.stringify([address, work.checksum, work.keepGitDir, work.unpack]);
    const known = run.fetched.get(key) ?? fetchGroup(work, address, { run, signal });
    run.fetched.set(key, known);
    groups.push(
      await known.catch((error: unknown) => {
        throw error instanceof EngineError ? failure(error.code, error.message, { address }) : error;
      }),
    );
  }
  return groups;
}

function groupOf(tree: FileTree, names: readonly string[], unpack: boolean): CopyGroup {
  return { tree, unpack, sources: names.map((name) => ({ path: name, name, written: name })) };
}

interface FetchScope {
  readonly run: BuildRun;
  readonly signal: AbortSignal;
}

/** As `RUN --mount=type=ssh,required` has it, for the engine's own eyes. */
const AGENT = { id: 'default', required: true, mode: 0o600, uid: 0, gid: 0 };

async function fetchGroup(work: CopyWork, address: string, { run, signal }: FetchScope): Promise<CopyGroup> {
  const { checksum, keepGitDir } = work;
  if (!isGitAddress(address)) {
    const { transport } = run;
    const file = await download(address, { transport, folder: await run.folder(), checksum, signal });
    return groupOf(looseFiles([file]), [file.name], work.unpack ?? false);
  }
  const git = parseGitAddress(address);
  await using stack = new AsyncDisposableStack();
  const agent = isSshAddress(address) ? await openAgentSocket(AGENT, run, stack) : undefined;
  const tools = { host: run.host, proxies: run.transport.proxies, signal, ...(agent === undefined ? {} : { agent }) };
  const resolved = await resolveGit(tools, git);
  for (const wanted of [checksum, git.commit]) checkCommit(address, resolved.commit, wanted);
  const how = { resolved, folder: await run.folder(), keepGitDir: keepGitDir || git.keepGitDir };
  return groupOf(directoryTree(await checkOut(tools, git, how)), [''], false);
}
