/** Which local folder a path in a container is, from the container's mounts. Pure. */
import { posix } from 'node:path';
import type { PathMount } from '#model/slipway-api/debug.ts';

export interface RootPair {
  readonly localRoot: string;
  readonly remoteRoot: string;
}

export interface PathMapInput {
  readonly mounts: readonly PathMount[];
  readonly cwd: string;
  /** The script, if the command line names one. */
  readonly script: string | undefined;
  /** The local folder behind a directory of the engine's host; undefined when there is none. */
  readonly localOf: (hostPath: string) => string | undefined;
  /** What to take when no mount holds the program: an image with a copy of the sources. */
  readonly workspaceFolder: string | undefined;
}

/**
 * The mount that holds the running program gives the roots: first the one over its script, then over its working
 * directory. Without one, the workspace is taken to be what was copied to the working directory.
 */
export function rootsFor(input: PathMapInput): RootPair | undefined {
  const script = input.script === undefined ? undefined : posix.resolve(input.cwd, input.script);
  for (const path of [script, input.cwd]) {
    const found = path === undefined ? undefined : mountOver(path, input);
    if (found !== undefined) return found;
  }
  if (input.workspaceFolder === undefined || input.cwd === '/') return undefined;
  return { localRoot: input.workspaceFolder, remoteRoot: input.cwd };
}

function mountOver(path: string, { mounts, localOf }: PathMapInput): RootPair | undefined {
  const covering = mounts
    .filter(({ destination }) => isWithin(path, destination))
    .sort((a, b) => b.destination.length - a.destination.length);
  for (const { source, destination } of covering) {
    const localRoot = localOf(source);
    if (localRoot !== undefined) return { localRoot, remoteRoot: trimSlash(destination) };
  }
  return undefined;
}

function isWithin(path: string, folder: string): boolean {
  const base = trimSlash(folder);
  return path === base || path.startsWith(base === '/' ? '/' : `${base}/`);
}

function trimSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

/** A synced folder and its copy on the engine's host. */
export interface FolderPair {
  readonly local: string;
  readonly host: string;
}

/**
 * @param pairs synced folders  @param sameMachine the engine sees this machine's own files
 * @returns localOf for PathMapInput; local paths are joined with the separator that the local folder uses
 */
export function localFolders(
  pairs: readonly FolderPair[],
  sameMachine: boolean,
): (hostPath: string) => string | undefined {
  return (hostPath) => {
    for (const { local, host } of pairs) {
      if (!isWithin(hostPath, host)) continue;
      const below = hostPath.slice(trimSlash(host).length);
      return local.includes('\\') ? local + below.replaceAll('/', '\\') : local + below;
    }
    return sameMachine ? hostPath : undefined;
  };
}
