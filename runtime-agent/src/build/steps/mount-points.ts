/**
 * The OCI runtime makes missing mount points in the root file system. What a step did not make itself does not belong into
 * its layer: it is taken out again, as BuildKit does.
 */
import { lstatSync, readdirSync, readlinkSync, rmdirSync, type Stats, unlinkSync } from 'node:fs';
import path from 'node:path';
import { pathInRoot } from '../files/path-in-root.ts';
import { MOUNTS_LINK } from './container-marks.ts';

export interface MountPoints {
  /** Removes those that are still empty, or the engine's symlink; call it while the root is mounted. */
  removeMade(): void;
  /**
   * Removes directories of the upper directory that only show that a file of the engine came and went there. Where another
   * mount point did, BuildKit leaves the directory in the layer too.
   */
  tidyUpper(upper: string): void;
}

/**
 * @param root the mounted root, before the step
 * @param engineFiles those that every step has
 * @param targets of the step's own mounts: absolute paths in the container
 */
export function watchMountPoints(
  root: string,
  engineFiles: readonly string[],
  targets: readonly string[] = [],
): MountPoints {
  const missing: string[] = [];
  /** Gives what is there above it, if the target itself is missing. */
  const watch = (target: string): string | undefined => {
    const point = pathInRoot(root, target);
    let at = point;
    for (; at !== root && lstatSync(at, { throwIfNoEntry: false }) === undefined; at = path.dirname(at)) {
      if (!missing.includes(at)) missing.push(at);
    }
    return at === point ? undefined : at;
  };
  const ofEngine = engineFiles.map(watch);
  const ofMounts = new Set(targets.map(watch));
  const above = new Map<string, Stats>();
  for (const at of ofEngine) if (at !== undefined && !ofMounts.has(at)) above.set(at, lstatSync(at));
  missing.sort((a, b) => b.length - a.length); // what is inside first
  return {
    removeMade: () => missing.forEach(removeEmpty),
    tidyUpper(upper) {
      const places = [...above].sort(([a], [b]) => b.length - a.length);
      for (const [at, before] of places) if (at !== root) removeUnchanged(upper + at.slice(root.length), before);
    },
  };
}

function removeEmpty(file: string): void {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory() && readdirSync(file).length === 0) rmdirSync(file);
  else if (stats?.isFile() && stats.size === 0) unlinkSync(file);
  else if (stats?.isSymbolicLink() && readlinkSync(file) === MOUNTS_LINK) unlinkSync(file);
}

/** An empty directory in the upper layer with the attributes of the one below says nothing. */
function removeUnchanged(directory: string, before: Stats): void {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  if (!stats?.isDirectory() || readdirSync(directory).length > 0) return;
  if (stats.mode === before.mode && stats.uid === before.uid && stats.gid === before.gid) rmdirSync(directory);
}
