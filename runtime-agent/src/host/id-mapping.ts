/**
 * User-namespace remapping: which user and group of this host a container's user or group is (user_namespaces(7)). All
 * containers of an engine share one mapping, so that they can share layers and volumes.
 */
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';

/** Ids of a container and of the host, `size` of them in a row. */
export interface IdRange {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface IdMapping {
  /** As the OCI runtime spec and /proc/PID/uid_map have them; undefined when containers' ids are the host's. */
  readonly ranges: { readonly uids: readonly IdRange[]; readonly gids: readonly IdRange[] } | undefined;
  /** The host's ids of the containers' root. */
  readonly root: Owner;
  /** Throws EngineError('invalid') in Docker's words for an id that no container can have. */
  toHost(owner: Owner): Owner;
  /** As the kernel shows it in the container: somebody from outside is nobody. */
  toContainer(owner: Owner): Owner;
}

/** /proc/sys/kernel/overflowuid */
const NOBODY = 65534;

/** Without remapping. */
export const SAME_IDS: IdMapping = {
  ranges: undefined,
  root: { uid: 0, gid: 0 },
  toHost: (owner) => owner,
  toContainer: (owner) => owner,
};

export function mapIds(uids: readonly IdRange[], gids: readonly IdRange[]): IdMapping {
  const toHost = ({ uid, gid }: Owner): Owner => ({ uid: hostId(uids, uid), gid: hostId(gids, gid) });
  return {
    ranges: { uids, gids },
    root: toHost({ uid: 0, gid: 0 }),
    toHost,
    toContainer: ({ uid, gid }) => ({ uid: containerId(uids, uid), gid: containerId(gids, gid) }),
  };
}

function hostId(ranges: readonly IdRange[], id: number): number {
  const range = ranges.find(({ containerID, size }) => id >= containerID && id < containerID + size);
  if (range === undefined) throw new EngineError('invalid', `container ID ${id} cannot be mapped to a host ID`);
  return range.hostID + id - range.containerID;
}

function containerId(ranges: readonly IdRange[], id: number): number {
  const range = ranges.find(({ hostID, size }) => id >= hostID && id < hostID + size);
  return range === undefined ? NOBODY : range.containerID + id - range.hostID;
}

/** Where users are remapped, images and containers are kept apart from those of other mappings, as dockerd does. */
export function mappedDataRoot(dataRoot: string, { ranges, root }: IdMapping): string {
  return ranges === undefined ? dataRoot : path.join(dataRoot, `${root.uid}.${root.gid}`);
}
