/** Whether the host's mounts can do what binds ask for: what is not shared there cannot be shared with a container. */
import { realpath, readFile } from 'node:fs/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerMount } from './record.ts';

interface HostMount {
  readonly point: string;
  /** Optional fields of mountinfo, such as `shared:5` or `master:3` (proc(5)). */
  readonly tags: string;
}

function parseMounts(mountinfo: string): HostMount[] {
  return mountinfo
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const fields = line.split(' ');
      const point = (fields[4] ?? '').replaceAll(/\\(\d{3})/g, (_all, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      );
      return { point, tags: fields.slice(6, fields.indexOf('-')).join(' ') };
    });
}

/** The mount that a path lies on: the last one of the longest mount point. */
function mountOf(path: string, mounts: readonly HostMount[]): HostMount | undefined {
  return mounts
    .filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`))
    .reduce<HostMount | undefined>(
      (best, one) => (one.point.length >= (best?.point.length ?? 0) ? one : best),
      undefined,
    );
}

/** Throws EngineError in Docker's words. @param path without symbolic links @param mountinfo as /proc/self/mountinfo */
export function checkPropagation(path: string, propagation: string, mountinfo: string): void {
  const shared = /^r?shared$/.test(propagation);
  const slave = /^r?slave$/.test(propagation);
  if (!shared && !slave) return;
  const found = mountOf(path, parseMounts(mountinfo));
  if (found === undefined || /\bshared:/.test(found.tags) || (slave && /\bmaster:/.test(found.tags))) return;
  const wanted = slave ? 'a shared or slave mount' : 'a shared mount';
  throw new EngineError('internal', `path ${path} is mounted on ${found.point} but it is not ${wanted}`);
}

/**
 * The same for all binds of a container that is about to start.
 * @returns the mounts, private where a propagation that nobody asked for cannot be had
 */
export async function checkBindPropagation(mounts: readonly ContainerMount[]): Promise<readonly ContainerMount[]> {
  const propagates = ({ type, propagation }: ContainerMount): boolean =>
    type === 'bind' && /shared|slave/.test(propagation);
  if (!mounts.some(propagates)) return mounts;
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  const checked = async (mount: ContainerMount): Promise<ContainerMount> => {
    if (!propagates(mount)) return mount;
    try {
      checkPropagation(await realpath(mount.source), mount.propagation, mountinfo);
      return mount;
    } catch (error) {
      if (mount.propagationImplied) return { ...mount, propagation: 'rprivate' };
      throw error;
    }
  };
  return await Promise.all(mounts.map(checked));
}
