/**
 * Directories of a workspace, opened one component after the other without following links. A container that shares the
 * workspace may swap a directory for a link at any moment; paths built on the open descriptors cannot be led astray.
 */
import { constants } from 'node:fs';
import { type FileHandle, lchown, mkdir, open } from 'node:fs/promises';
import { EngineError } from '#model/engine-api/errors.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface DirectoryChain extends AsyncDisposable {
  /**
   * A path of the directory that is valid until the next call: `/proc/self/fd/N`. Missing directories are made for
   * `create`; without it they give undefined. `displace` is asked to move away whatever is no directory in the way.
   */
  enter(
    parts: readonly string[],
    create?: { readonly owner: Owner | undefined; readonly displace: Displace },
  ): Promise<string | undefined>;
}

/** @param obstacle its present path  @param path relative to the root */
export type Displace = (obstacle: string, path: string) => Promise<void>;

interface Link {
  readonly name: string;
  readonly handle: FileHandle;
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NAME_LIMIT = 255;

/** @param root absolute path of a directory that only the engine can replace */
export async function openDirectoryChain(root: string): Promise<DirectoryChain> {
  const top = await open(root, DIRECTORY);
  const links: Link[] = [];
  const shorten = async (length: number): Promise<void> => {
    while (links.length > length) await links.pop()?.handle.close();
  };
  const here = (): string => pathOf(links.at(-1)?.handle ?? top);
  return {
    async enter(parts, create) {
      let shared = 0;
      while (shared < links.length && links[shared]?.name === parts[shared]) shared++;
      await shorten(shared);
      for (const [index, name] of parts.entries()) {
        if (index < shared) continue;
        const child = `${here()}/${name}`;
        let handle = await openDirectory(child);
        if (handle === undefined || handle === 'other') {
          if (create === undefined) return undefined;
          if (handle === 'other') await create.displace(child, parts.slice(0, index + 1).join('/'));
          await makeDirectory(child, create.owner);
          handle = await openDirectory(child);
        }
        if (handle === undefined || handle === 'other') {
          throw new EngineError('conflict', `${parts.join('/')} is being changed in the container; try again`);
        }
        links.push({ name, handle });
      }
      return here();
    },
    async [Symbol.asyncDispose]() {
      await shorten(0);
      await top.close();
    },
  };
}

function pathOf(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

async function makeDirectory(path: string, owner: Owner | undefined): Promise<void> {
  try {
    await mkdir(path);
    if (owner !== undefined) await lchown(path, owner.uid, owner.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function openDirectory(path: string): Promise<FileHandle | 'other' | undefined> {
  try {
    return await open(path, DIRECTORY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR' || code === 'ELOOP') return 'other';
    throw error;
  }
}

/**
 * The components of a path relative to a workspace's root; [] for the root itself.
 * Throws EngineError('invalid') for whatever could leave the root or name nothing.
 */
export function relativeParts(path: string): string[] {
  const refuse = (why: string): never => {
    throw new EngineError('invalid', `bad path ${JSON.stringify(path)} in a workspace: ${why}`);
  };
  if (path.startsWith('/')) refuse('it must be relative');
  if (path.includes('\0')) refuse('it contains a NUL');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) refuse('it must not contain ..');
  if (parts.some((part) => Buffer.byteLength(part) > NAME_LIMIT)) refuse('a name is too long');
  return parts;
}
