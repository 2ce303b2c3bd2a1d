/** Copies of users' folders on this host: `<dataRoot>/workspaces/NAME`, kept in step by a client and mounted into containers. */
import { lchown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ForeignChange, Manifest, PushResult, WorkspaceInfo } from '#model/slipway-api/workspaces.ts';
import { giveToContainers } from '../host/hand-over.ts';
import { type IdMapping, SAME_IDS } from '../host/id-mapping.ts';
import { createHashMemory, type HashMemory } from './content-hash.ts';
import { openDirectoryChain, type Owner } from './directory-chain.ts';
import { ignoreRules } from './ignore-rules.ts';
import { packFiles } from './pack-files.ts';
import { receivePush } from './receive-push.ts';
import { scanWorkspace } from './scan-workspace.ts';
import { watchWorkspace } from './watch-workspace.ts';

export interface Workspaces {
  /** Makes the workspace when it does not exist. */
  open(name: string): Promise<WorkspaceInfo>;
  /** Throws EngineError('not-found'). */
  inspect(name: string): Promise<WorkspaceInfo>;
  /** @param ignore lines in the syntax of .gitignore */
  manifest(name: string, ignore: readonly string[]): Promise<Manifest>;
  push(name: string, body: Readable, owner: Owner | undefined, signal: AbortSignal): Promise<PushResult>;
  /** The named files as a tar stream; what does not exist is left out. */
  read(name: string, paths: readonly string[]): Promise<Readable>;
  /** Gives everything in the workspace to the user that works in the container. */
  own(name: string, owner: Owner): Promise<void>;
  watch(name: string, ignore: readonly string[], onChange: (change: ForeignChange) => void): Promise<AsyncDisposable>;
  /** No error when there is none. Containers that have it mounted see an empty folder. */
  remove(name: string): Promise<void>;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;

/** @param ids owners that clients name are those of containers */
export function createWorkspaces(dataRoot: string, ids: IdMapping = SAME_IDS): Workspaces {
  const parent = path.join(dataRoot, 'workspaces');
  const staging = path.join(parent, '.staging');
  const memories = new Map<string, HashMemory>();
  const memoryOf = (name: string): HashMemory => {
    const memory = memories.get(name) ?? createHashMemory();
    memories.set(name, memory);
    return memory;
  };
  const directoryOf = (name: string): string => {
    if (NAME.test(name)) return path.join(parent, name);
    throw new EngineError(
      'invalid',
      `bad workspace name ${JSON.stringify(name)}: letters, digits, '.', '_' and '-' only`,
    );
  };
  const inspect = async (name: string): Promise<WorkspaceInfo> => {
    const directory = directoryOf(name);
    try {
      const { ino, birthtimeMs } = await stat(directory);
      return { name, directory, instance: `${ino}-${Math.round(birthtimeMs)}` };
    } catch (error) {
      throw new EngineError('not-found', `no such workspace: ${name}`, { cause: error });
    }
  };
  return {
    inspect,
    async open(name) {
      const made = await mkdir(directoryOf(name), { recursive: true, mode: 0o755 });
      if (made !== undefined) await giveToContainers(ids, directoryOf(name));
      return await inspect(name);
    },
    async manifest(name, ignore) {
      const { directory } = await inspect(name);
      return { entries: await scanWorkspace(directory, ignoreRules(ignore), memoryOf(name)) };
    },
    async push(name, body, owner, signal) {
      const { directory } = await inspect(name);
      const onHost = owner === undefined ? rootOf(ids) : ids.toHost(owner);
      const target = { root: directory, staging, memory: memoryOf(name), owner: onHost };
      return await receivePush(body, target, signal);
    },
    async read(name, paths) {
      const { directory } = await inspect(name);
      const archive = pack();
      archive.on('error', () => {}); // a client that goes away destroys it
      packFiles(directory, paths, archive).then(
        () => archive.finalize(),
        (error: unknown) => archive.destroy(error as Error),
      );
      return Readable.from(archive as AsyncIterable<Buffer>);
    },
    async own(name, owner) {
      const { directory } = await inspect(name);
      await giveTo(directory, ids.toHost(owner));
    },
    async watch(name, ignore, onChange) {
      const { directory } = await inspect(name);
      return await watchWorkspace(directory, ignoreRules(ignore), memoryOf(name), onChange);
    },
    async remove(name) {
      const directory = directoryOf(name);
      memories.delete(name);
      const doomed = path.join(staging, `${name}-${process.hrtime.bigint()}`);
      await mkdir(staging, { recursive: true, mode: 0o700 });
      try {
        await rename(directory, doomed);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
        throw error;
      }
      await rm(doomed, { recursive: true, force: true });
    },
  };
}

/** The engine's own user, where that is the containers' root: nothing needs to be changed then. */
function rootOf({ ranges, root }: IdMapping): Owner | undefined {
  return ranges === undefined ? undefined : root;
}

async function giveTo(root: string, { uid, gid }: Owner): Promise<void> {
  await lchown(root, uid, gid);
  await using chain = await openDirectoryChain(root);
  const pending: string[][] = [[]];
  for (let parts = pending.pop(); parts !== undefined; parts = pending.pop()) {
    const here = await chain.enter(parts);
    if (here === undefined) continue;
    for (const entry of await readdir(here, { withFileTypes: true })) {
      await lchown(`${here}/${entry.name}`, uid, gid).catch(() => {}); // gone meanwhile
      if (entry.isDirectory()) pending.push([...parts, entry.name]);
    }
  }
}
