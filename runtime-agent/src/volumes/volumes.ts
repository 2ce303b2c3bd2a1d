import type { Volume, VolumeCreateOptions } from '#model/engine-api/types.ts';

export interface Volumes {
  /**
   * Creates the volume, or returns the one of that name. Without a name: an anonymous one (64 hex digits), which the
   * container `user` uses from the beginning.
   */
  create(options: VolumeCreateOptions, user?: string): Promise<Volume>;
  /** Throws EngineError('not-found', 'get NAME: no such volume'). */
  inspect(name: string): Volume;
  list(): readonly Volume[];
  /** Refuses with 'conflict' while a container uses it, other than `user`. */
  remove(name: string, force: boolean, user?: string): Promise<void>;
  /** Marks the volume as used by the container and mounts it if its driver options say so; gives the host directory. */
  acquire(name: string, containerId: string): Promise<string>;
  /** Ends the use; unmounts when it was the last. */
  release(name: string, containerId: string): Promise<void>;
  /** Containers using the volume (created ones too). */
  users(name: string): readonly string[];
}
