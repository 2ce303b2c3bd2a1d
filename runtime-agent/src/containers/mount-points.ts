import type { MountPoint } from '#model/engine-api/types.ts';
import type { ContainerRecord } from './record.ts';

/** The `Mounts` of inspect and list. */
export function mountPoints(record: ContainerRecord): MountPoint[] {
  return record.mounts
    .filter((mount) => !mount.unlisted)
    .map((mount) => ({
      Type: mount.type,
      ...(mount.name === undefined ? {} : { Name: mount.name }),
      Source: mount.source,
      Destination: mount.destination,
      ...(mount.driver === undefined ? {} : { Driver: mount.driver }),
      Mode: mount.type === 'tmpfs' ? '' : mount.mode,
      RW: mount.rw,
      Propagation: mount.propagation,
    }));
}
