/** Binds of the engine's own data, or of what it lies in: mounts that the engine ends must end in the container too. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import type { ContainerMount } from './record.ts';

/** Whether the user has said how mounts propagate. */
function isExplicit({ Mounts: mounts }: HostConfig, { destination, mode }: ContainerMount): boolean {
  const wish = mounts?.find((mount) => mount.Type === 'bind' && mount.Target === destination);
  return wish === undefined
    ? /\b(private|shared|slave|r(private|shared|slave))\b/.test(mode)
    : Boolean(wish.BindOptions?.Propagation);
}

/** Throws EngineError('invalid') in Docker's words for a propagation that would keep the engine's mounts alive. */
export function withDataRootPropagation(mount: ContainerMount, host: HostConfig, dataRoot: string): ContainerMount {
  const { type, source, propagation } = mount;
  // As Docker, by the letters of the path.
  if (type !== 'bind' || !(source.startsWith(dataRoot) || dataRoot.startsWith(source))) return mount;
  if (!isExplicit(host, mount)) return { ...mount, propagation: 'rslave', propagationImplied: true };
  if (propagation === 'rslave' || propagation === 'rshared') return mount;
  const places = `daemon root: "${dataRoot}", bind mount source: "${source}", propagation: "${propagation}"`;
  const rule = 'must use either propagation mode "rslave" or "rshared" when mount source is within the daemon root';
  throw new EngineError('invalid', `invalid mount config: ${rule}, ${places}`);
}
