/** What the engine remembers of a container, in memory and in the state database. */
import type { ContainerConfig, EndpointSettings, HostConfig, NetworkSettings } from '#model/engine-api/types.ts';
import type { RunningProcess } from '../runtime/running-process.ts';

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

export interface ContainerMount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image';
  /** Of the volume, or the image as the user named it. */
  readonly name?: string;
  /** On the host; '' for a tmpfs, and for a volume or an image until it is acquired. */
  readonly source: string;
  readonly destination: string;
  readonly driver?: string;
  /** As the user wrote it; for a tmpfs its options. */
  readonly mode: string;
  readonly rw: boolean;
  readonly propagation: string;
  /** Nobody asked for this propagation: where the host's mounts cannot do it, they need not. */
  readonly propagationImplied?: boolean;
  readonly nonRecursive?: boolean;
  /** Read-only without what is mounted below it. */
  readonly readOnlyNonRecursive?: boolean;
  /** An error where the kernel cannot make what is mounted below read-only as well. */
  readonly readOnlyForceRecursive?: boolean;
  /** A new volume is not filled with what the image has at the destination. */
  readonly noCopy?: boolean;
  readonly subpath?: string;
  /** Id of the image that is mounted, and its layers. */
  readonly image?: string;
  readonly chainIds?: readonly string[];
  /** A missing source directory is made (`-v`), not an error (`--mount`). */
  readonly createSource?: boolean;
  /** Made for this container only: removed with it by `rm -v`. */
  readonly anonymous?: boolean;
  /** From HostConfig.Tmpfs: not listed by inspect's Mounts. */
  readonly unlisted?: boolean;
}

export interface ContainerState {
  readonly status: ContainerStatus;
  /** While status is running or paused. */
  readonly process?: RunningProcess;
  readonly exitCode: number;
  readonly error: string;
  readonly oomKilled: boolean;
  /** RFC 3339; Go's zero time when it never happened. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The last delay before a restart by policy, in milliseconds. */
  readonly restartDelay?: number;
  /** Stopped by a person: restart policy `unless-stopped` leaves it alone. */
  readonly manuallyStopped: boolean;
}

export interface Link {
  /** Full id of the container. */
  readonly target: string;
  readonly alias: string;
}

export interface ContainerRecord {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  /** RFC 3339. */
  readonly created: string;
  /** `sha256:…` of the image configuration. */
  readonly image: string;
  /** Layers of the root file system, bottom first. Kept here, because the image may be untagged and removed. */
  readonly chainIds: readonly string[];
  /** Digests of the same layers as tars, for images made of this container. */
  readonly diffIds: readonly string[];
  readonly platform: { readonly os: string; readonly architecture: string };
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** Networks to join, with their wishes. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  /** Legacy links of the default bridge, resolved when the container was made. */
  readonly links?: readonly Link[];
  readonly mounts: readonly ContainerMount[];
  readonly state: ContainerState;
  /** As of the last start. */
  readonly network?: NetworkSettings;
  readonly restartCount: number;
  /** Of one that is being removed: its anonymous volumes are to go, too. */
  readonly removeVolumes?: boolean;
}

export const NEVER = '0001-01-01T00:00:00Z';

/** Now, or the given milliseconds, in RFC 3339. */
export function instant(ms: number = Date.now()): string {
  return new Date(ms).toISOString();
}
