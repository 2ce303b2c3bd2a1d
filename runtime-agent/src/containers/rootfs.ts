/** The directories of a container and its root file system: the image's layers below, its own changes above. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { OciMount } from '#model/oci/runtime-spec.ts';
import { giveToContainers, letContainersPass } from '../host/hand-over.ts';
import type { IdMapping } from '../host/id-mapping.ts';
import type { ContainerContext } from './context.ts';
import type { ContainerRecord } from './record.ts';
import { initLayer, makeInitLayer } from './init-layer.ts';
import { isRemapped } from './user-namespace.ts';

export interface ContainerPaths {
  readonly directory: string;
  /** What the container changed. */
  readonly upper: string;
  readonly work: string;
  /** The whole, where it is mounted. */
  readonly rootfs: string;
  /** Mount point of a /dev/shm that others may share. */
  readonly shm: string;
  /** Directory of the log files. */
  readonly logs: string;
  readonly hostname: string;
  readonly hosts: string;
  readonly resolvConf: string;
}

export function containerPaths(dataRoot: string, id: string): ContainerPaths {
  const directory = path.join(dataRoot, 'containers', id);
  const inside = (name: string): string => path.join(directory, name);
  return {
    directory,
    upper: inside('upper'),
    work: inside('work'),
    rootfs: inside('rootfs'),
    shm: inside('shm'),
    logs: inside('logs'),
    hostname: inside('hostname'),
    hosts: inside('hosts'),
    resolvConf: inside('resolv.conf'),
  };
}

/** Where images are mounted that the container has besides its own. */
export const imagesDirectory = ({ directory }: ContainerPaths): string => path.join(directory, 'images');

export async function makeContainerDirectories(paths: ContainerPaths, ids: IdMapping): Promise<void> {
  await mkdir(paths.directory, { recursive: true, mode: 0o710 });
  await Promise.all([
    mkdir(paths.upper, { mode: 0o755 }),
    mkdir(paths.work, { mode: 0o700 }),
    mkdir(paths.rootfs, { mode: 0o755 }),
    mkdir(paths.logs, { mode: 0o700 }),
  ]);
  await letContainersPass(ids, path.dirname(paths.directory), paths.directory);
  await giveToContainers(ids, paths.upper);
}

/** @param options keepLog: somebody still reads the log; the rest goes */
export async function removeContainerDirectories(
  paths: ContainerPaths,
  options: { readonly keepLog?: boolean } = {},
): Promise<void> {
  const names = options.keepLog ? await readdir(paths.directory).catch(() => []) : [];
  const targets = options.keepLog
    ? names.map((name) => path.join(paths.directory, name)).filter((target) => target !== paths.logs)
    : [paths.directory];
  await Promise.all(targets.map((target) => rm(target, { recursive: true, force: true })));
}

/** What is below a container's own changes, the topmost first. */
export function lowerDirectories(context: ContainerContext, record: ContainerRecord): string[] {
  const layers = context.snapshots.lowerDirs(record.chainIds);
  return [initLayer(context.dataRoot, context.host.ids, layers).directory, ...layers];
}

export async function makeInitLayerOf(context: ContainerContext, record: ContainerRecord): Promise<void> {
  const { ids } = context.host;
  await makeInitLayer(initLayer(context.dataRoot, ids, context.snapshots.lowerDirs(record.chainIds)), ids);
}

/** Mounts the root file system at `paths.rootfs`. */
export async function mountRootfs(context: ContainerContext, record: ContainerRecord): Promise<void> {
  const paths = containerPaths(context.dataRoot, record.id);
  await makeInitLayerOf(context, record);
  const lower = lowerDirectories(context, record);
  await context.host.mountOverlay({ lower, upper: paths.upper, work: paths.work, target: paths.rootfs });
}

/** mount(2) takes one page of options. */
const OPTIONS_LIMIT = 4000;

/**
 * The root file system as a mount for the OCI runtime, which makes it in the container's own mount namespace: it costs no
 * process, is nobody else's to see, and goes with the container, whatever becomes of the engine. undefined when the
 * options do not fit or hold what overlayfs takes for its own, or when the container has a user namespace of its own (its
 * mounts are not allowed to do what an overlay of images must do): mountRootfs does it then.
 */
export function rootMount(context: ContainerContext, record: ContainerRecord): OciMount | undefined {
  if (isRemapped(context.host.ids, record.hostConfig)) return undefined;
  const paths = containerPaths(context.dataRoot, record.id);
  const lower = lowerDirectories(context, record);
  if ([paths.directory, ...lower].some((name) => /[:,\\]/.test(name))) return undefined;
  const options = [
    `lowerdir=${lower.join(':')}`,
    `upperdir=${paths.upper}`,
    `workdir=${paths.work}`,
    // As Host.mountOverlay has it: upper directories must mean something without the lower ones.
    'redirect_dir=off',
    'metacopy=off',
  ];
  if (options.join(',').length > OPTIONS_LIMIT) return undefined;
  return { destination: '/', type: 'overlay', source: 'overlay', options };
}

const escaped = (target: string): string => target.replaceAll('\\', '\\134').replaceAll(' ', '\\040');

/** Where something is mounted now, as the kernel writes it. */
async function mountTargets(): Promise<Set<string>> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return new Set(table.split('\n').map((line) => line.split(' ', 5)[4] ?? ''));
}

/** Tells of a path whether something is mounted there now. */
export async function mountTable(): Promise<(target: string) => boolean> {
  const targets = await mountTargets();
  return (target) => targets.has(escaped(target));
}

/** Of the root file system and of images that the container mounts. Nothing mounted is no error, and costs no process. */
export async function unmountRootfs(context: ContainerContext, id: string): Promise<void> {
  const paths = containerPaths(context.dataRoot, id);
  const images = imagesDirectory(paths);
  const targets = await mountTargets();
  if (targets.has(escaped(paths.rootfs))) await context.host.unmount(paths.rootfs);
  const below = [...targets].filter((target) => target.startsWith(`${escaped(images)}/`));
  for (const target of below) await context.host.unmount(path.join(images, target.slice(escaped(images).length)));
}

/** The files that are mounted over the image's in /etc. */
export async function writeEtcFiles(
  paths: ContainerPaths,
  ids: IdMapping,
  files: { readonly hostname: string; readonly hosts: string; readonly resolvConf: string },
): Promise<void> {
  await Promise.all([
    writeFile(paths.hostname, `${files.hostname}\n`, { mode: 0o644 }),
    writeFile(paths.hosts, files.hosts, { mode: 0o644 }),
    writeFile(paths.resolvConf, files.resolvConf, { mode: 0o644 }),
  ]);
  await giveToContainers(ids, paths.hostname, paths.hosts, paths.resolvConf);
}
