/** The directories of `RUN --mount=type=cache`, kept from build to build. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CacheMount } from '#model/dockerfile/mount-option.ts';
import { type IdMapping, SAME_IDS } from '../host/id-mapping.ts';
import { createNamedLocks } from './named-locks.ts';

export interface CacheLease extends AsyncDisposable {
  readonly path: string;
}

export interface CacheMounts {
  /**
   * A directory for the mount, for one step. `fill` makes a new one what it takes from a stage or image. Waits while another step has a
   * `locked` one; a `private` one that is in use gets a directory of its own.
   */
  take(mount: CacheMount, fill: (directory: string) => Promise<void>, signal: AbortSignal): Promise<CacheLease>;
  list(): { readonly name: string; readonly path: string; readonly inUse: boolean }[];
  remove(name: string): Promise<void>;
}

/** BuildKit gives an owner to a new folder, never to what is there: with one, all of a stage or image is nothing of it. */
function isFilled({ from, source, hasOwner }: CacheMount): boolean {
  return from !== undefined && !(hasOwner && path.posix.resolve('/', source) === '/');
}

export function createCacheMounts(directory: string, ids: IdMapping = SAME_IDS): CacheMounts {
  const users = new Map<string, number>();
  const locks = createNamedLocks();
  const making = new Map<string, Promise<void>>();
  const pathOf = (name: string): string => path.join(directory, name);

  const ensure = async (name: string, mount: CacheMount, fill: (directory: string) => Promise<void>): Promise<void> => {
    for (let work = making.get(name); work !== undefined; work = making.get(name)) await work.catch(() => {});
    if (existsSync(pathOf(name))) return;
    const work = make(name, mount, fill);
    making.set(name, work);
    await work.finally(() => making.delete(name));
  };
  /** Made aside: one that is there is whole. */
  const make = async (name: string, mount: CacheMount, fill: (directory: string) => Promise<void>): Promise<void> => {
    const aside = pathOf(`.new-${randomBytes(6).toString('hex')}`);
    await mkdir(aside, { recursive: true });
    try {
      if (isFilled(mount)) await fill(aside);
      else {
        const { uid, gid } = ids.toHost(mount);
        await chown(aside, uid, gid);
        await chmod(aside, mount.mode);
      }
      await rename(aside, pathOf(name));
    } catch (error) {
      await rm(aside, { recursive: true, force: true });
      throw error;
    }
  };
  const freeName = (base: string): string => {
    let name = base;
    for (let i = 1; (users.get(name) ?? 0) > 0; i++) name = `${base}-${i}`;
    return name;
  };

  return {
    async take(mount, fill, signal) {
      const base = createHash('sha256').update(mount.id).digest('hex').slice(0, 32);
      const unlock = mount.sharing === 'locked' ? await locks.take(base, signal) : undefined;
      const name = mount.sharing === 'private' ? freeName(base) : base;
      users.set(name, (users.get(name) ?? 0) + 1);
      const release = async (): Promise<void> => {
        users.set(name, (users.get(name) ?? 1) - 1);
        unlock?.();
      };
      try {
        await ensure(name, mount, fill);
      } catch (error) {
        await release();
        throw error;
      }
      return { path: pathOf(name), [Symbol.asyncDispose]: release };
    },
    list: () =>
      (existsSync(directory) ? readdirSync(directory) : [])
        .filter((name) => !name.startsWith('.'))
        .map((name) => ({ name, path: pathOf(name), inUse: (users.get(name) ?? 0) > 0 })),
    remove: (name) => rm(pathOf(name), { recursive: true, force: true }),
  };
}
