/** Root file systems of steps: an overlay of the layers so far, whose upper directory becomes the step's own layer. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { giveToContainers, letContainersPass } from '../host/hand-over.ts';
import type { Host } from '../host/host.ts';
import { folderEntries } from '../snapshots/folder-entries.ts';
import { inTarOrder, type NewFile } from '../snapshots/new-layer.ts';
import type { Snapshot } from '../snapshots/snapshots.ts';
import type { SnapshotStore } from '../snapshots/store.ts';

export interface MountedRoot extends AsyncDisposable {
  /** Host path of the root file system. */
  readonly path: string;
  /** Host path of what the step has changed. */
  readonly upper: string;
  /** Unmounts, and makes what was changed a layer, an empty one when nothing was. `tidy` runs in between. */
  commit(tidy?: () => void): Promise<Snapshot>;
  /** Unmounts, and makes a layer of new files instead. `folders` lie under them and are there: each with its new time, in seconds. */
  commitNew(
    files: ReadonlyMap<string, NewFile>,
    folders: ReadonlyMap<string, number | undefined>,
    signal: AbortSignal,
  ): Promise<Snapshot>;
}

export interface RootMounts {
  /**
   * @param chainIds layers, bottom first
   * @param made as MadeLayer has it
   */
  open(chainIds: readonly string[], made?: (chainId: string) => void): Promise<MountedRoot>;
  /** For what is only looked at: the root folder is of the time that the top layer gives it, not of now. */
  view(chainIds: readonly string[]): Promise<MountedRoot>;
  /** A new directory for a step's other files, gone when disposed. */
  scratch(): Promise<{ readonly path: string } & AsyncDisposable>;
}

export interface RootMountsOptions {
  readonly host: Host;
  readonly snapshots: Pick<SnapshotStore, 'lowerDirs' | 'commitUpper' | 'assemble'>;
  /** Folder for it; on the file system of the snapshots. */
  readonly directory: string;
}

export function createRootMounts({ host, snapshots, directory }: RootMountsOptions): RootMounts {
  const scratch = async (): Promise<{ readonly path: string } & AsyncDisposable> => {
    const own = path.join(directory, randomBytes(8).toString('hex'));
    await mkdir(own, { recursive: true, mode: 0o710 });
    await letContainersPass(host.ids, own);
    return { path: own, [Symbol.asyncDispose]: () => rm(own, { recursive: true, force: true }) };
  };
  const mounts: RootMounts = {
    scratch,
    async view(chainIds) {
      const root = await mounts.open(chainIds);
      const [top] = chainIds.length === 0 ? [] : snapshots.lowerDirs(chainIds);
      if (top === undefined) return root;
      const { atime, mtime } = await stat(top);
      await utimes(root.upper, atime, mtime);
      return root;
    },
    async open(chainIds, made) {
      const told = made === undefined ? {} : { made };
      const folder = await scratch();
      const [upper, work, target] = ['upper', 'work', 'root'].map((name) => path.join(folder.path, name)) as [
        string,
        string,
        string,
      ];
      await mkdir(upper, { mode: 0o755 });
      await giveToContainers(host.ids, upper);
      await Promise.all([mkdir(work), mkdir(target)]);
      let mounted = false;
      const unmount = async (): Promise<void> => {
        if (mounted) await host.unmount(target);
        mounted = false;
      };
      const dispose = async (): Promise<void> => {
        await unmount();
        await folder[Symbol.asyncDispose]();
      };
      try {
        await host.mountOverlay({ lower: snapshots.lowerDirs(chainIds), upper, work, target });
        mounted = true;
      } catch (error) {
        await dispose();
        throw error;
      }
      return {
        path: target,
        upper,
        async commit(tidy) {
          await unmount();
          tidy?.();
          return snapshots.commitUpper(chainIds.at(-1), upper, told);
        },
        async commitNew(files, folders, signal) {
          const names = [...folders.keys()];
          const scratch = path.join(folder.path, 'folders.tar');
          const entries = names.length === 0 ? [] : await folderEntries(host, target, names, scratch);
          await unmount();
          const above = entries.map((entry, i): NewFile => {
            const time = folders.get(names[i] as string);
            return { entry: { ...entry, mtime: String(Math.floor(time ?? Number(entry.mtime))) } };
          });
          return snapshots.assemble(chainIds.at(-1), inTarOrder([...above, ...files.values()]), { ...told, signal });
        },
        [Symbol.asyncDispose]: dispose,
      };
    },
  };
  return mounts;
}

/** The same, telling of each layer at once: before anything else can take it for one that nobody needs. */
export function tellingOfLayers(mounts: RootMounts, made: (chainId: string) => void): RootMounts {
  return { ...mounts, open: (chainIds) => mounts.open(chainIds, made) };
}

/** Removes what a killed engine left under the directory. */
export async function sweepRootMounts(host: Host, directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      ),
    )
    .filter((target) => target.startsWith(`${directory}/`));
  for (const target of mounts.reverse()) await host.unmount(target);
  await rm(directory, { recursive: true, force: true });
}
