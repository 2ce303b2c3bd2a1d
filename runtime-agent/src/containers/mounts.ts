/** Gives a new container its mounts: volumes made and filled from the image, host directories found. */
import { lstat, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { giveToContainers } from '../host/hand-over.ts';
import type { IdMapping } from '../host/id-mapping.ts';
import type { Container } from './container.ts';
import type { ContainerContext } from './context.ts';
import { withDataRootPropagation } from './data-root-binds.ts';
import { attachImage } from './image-mounts.ts';
import { openSubpath, pathOf } from './volume-subpath.ts';
import { wantedMounts } from './mount-spec.ts';
import type { ContainerMount, ContainerRecord } from './record.ts';
import { containerPaths, mountRootfs, unmountRootfs } from './rootfs.ts';
import { resolveInRoot } from '../sync/resolve-in-root.ts';

function volumesSource(context: ContainerContext, name: string): Container {
  try {
    return context.store.find(name);
  } catch (error) {
    throw new EngineError('invalid', messageOf(error), { cause: error });
  }
}

/** `NAME[:MODE]` entries of VolumesFrom, as mounts; the container's own at the same place win. */
function inheritedMounts(context: ContainerContext, record: ContainerRecord): ContainerMount[] {
  return (record.hostConfig.VolumesFrom ?? []).flatMap((entry) => {
    if (entry === '') throw new EngineError('invalid', 'volumes-from specification cannot be an empty string');
    const [name = '', ...rest] = entry.split(':');
    const mode = rest.join(':');
    if (!['', 'rw', 'ro', 'z', 'Z'].includes(mode)) throw new EngineError('invalid', `invalid mode: ${mode}`);
    const source = volumesSource(context, name);
    return source.record.mounts
      .filter((mount) => mount.type === 'bind' || mount.type === 'volume')
      .map((mount): ContainerMount => ({ ...mount, noCopy: true, rw: mount.rw && mode !== 'ro' }));
  });
}

async function prepareBind(ids: IdMapping, mount: ContainerMount): Promise<void> {
  const found = await stat(mount.source).catch(() => undefined);
  if (found) return;
  if (!mount.createSource) {
    const text = `invalid mount config for type "bind": bind source path does not exist: ${mount.source}`;
    throw new EngineError('invalid', text);
  }
  const made = await mkdir(mount.source, { recursive: true, mode: 0o755 });
  if (made === undefined) return;
  // All that came into being, from the first directory down.
  const below = path
    .relative(made, mount.source)
    .split('/')
    .filter((name) => name !== '');
  await giveToContainers(ids, made, ...below.map((_, i) => path.join(made, ...below.slice(0, i + 1))));
}

async function prepareVolume(
  context: ContainerContext,
  record: ContainerRecord,
  mount: ContainerMount,
): Promise<ContainerMount> {
  const driver = mount.driver ?? 'local';
  const wish = (record.hostConfig.Mounts ?? []).find((m) => m.Type === 'volume' && m.Target === mount.destination);
  const { Labels, DriverConfig } = wish?.VolumeOptions ?? {};
  const options = {
    ...(mount.name ? { Name: mount.name } : {}),
    Driver: driver,
    ...(DriverConfig?.Options ? { DriverOpts: DriverConfig.Options } : {}),
    ...(Labels === undefined ? {} : { Labels }),
  };
  const volume = await context.volumes.create(options, record.id);
  const name = volume.Name ?? '';
  return { ...mount, name, source: await context.volumes.acquire(name, record.id) };
}

/** Docker fills an empty volume with what the image has at that place, owner and mode of the directory included. */
async function fillVolumes(
  context: ContainerContext,
  record: ContainerRecord,
  mounts: readonly ContainerMount[],
): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const empty: ContainerMount[] = [];
  for (const mount of mounts.filter(({ type, noCopy }) => type === 'volume' && !noCopy)) {
    // A part of the volume that is not there is an error when the container starts.
    const opening = openSubpath(mount.source, mount.subpath ?? '');
    const handle = opened.use(await (mount.subpath === undefined ? opening : opening.catch(() => undefined)));
    if (handle === undefined || !(await handle.stat()).isDirectory()) continue;
    const source = pathOf(handle);
    if ((await readdir(source)).length === 0) empty.push({ ...mount, source });
  }
  if (empty.length === 0 || record.chainIds.length === 0) return;
  const { rootfs } = containerPaths(context.dataRoot, record.id);
  await mountRootfs(context, record);
  try {
    for (const { source, destination } of empty) {
      const from = await resolveInRoot(rootfs, destination);
      const found = await lstat(from).catch(() => undefined);
      if (found?.isDirectory()) await context.host.run('cp', ['-a', '--', `${from}/.`, source]);
    }
  } finally {
    await unmountRootfs(context, record.id);
  }
}

/** Volumes are in use by the container from here on, until releaseMounts. */
export async function attachMounts(
  context: ContainerContext,
  record: ContainerRecord,
  readOnlyNonRecursive = false,
): Promise<ContainerMount[]> {
  const plain = (mount: ContainerMount): ContainerMount =>
    readOnlyNonRecursive && mount.type === 'bind' && !mount.rw ? { ...mount, readOnlyNonRecursive: true } : mount;
  const own = wantedMounts(record.config, record.hostConfig).map((mount) =>
    withDataRootPropagation(plain(mount), record.hostConfig, context.dataRoot),
  );
  const inherited = inheritedMounts(context, record);
  // An anonymous volume that the image asks for does not hide what --volumes-from brings.
  const explicit = new Set(own.filter((mount) => !mount.anonymous).map((mount) => mount.destination));
  // Of what two containers have at the same place, the second one's counts.
  const last = new Map(inherited.map((mount) => [mount.destination, mount]));
  const kept = [...last.values()].filter((mount) => !explicit.has(mount.destination));
  const taken = new Set(kept.map((mount) => mount.destination));
  const mounts: ContainerMount[] = [];
  try {
    for (const mount of [...kept, ...own.filter((m) => !taken.has(m.destination))]) {
      if (mount.type === 'bind') await prepareBind(context.host.ids, mount);
      if (mount.type === 'volume') mounts.push(await prepareVolume(context, record, mount));
      else mounts.push(mount.type === 'image' ? attachImage(context, record, mount) : mount);
    }
    await fillVolumes(context, record, mounts);
    return mounts;
  } catch (error) {
    await releaseMounts(context, { ...record, mounts }, { removeAnonymous: true });
    throw error;
  }
}

/** Ends the container's use of its volumes. */
export async function releaseMounts(
  context: ContainerContext,
  record: ContainerRecord,
  options: { readonly removeAnonymous: boolean },
): Promise<void> {
  for (const volume of context.volumes.list()) {
    const name = volume.Name ?? '';
    const users = context.volumes.users(name);
    if (!users.includes(record.id)) continue;
    const anonymous = record.mounts.some((mount) => mount.name === name && mount.anonymous);
    // In one step: an engine that is killed in between would not know that it was to go.
    if (options.removeAnonymous && anonymous && users.length === 1) {
      await context.volumes.remove(name, false, record.id);
    } else await context.volumes.release(name, record.id);
  }
}
