/** What the user wants mounted: Binds, Mounts, Tmpfs and Config.Volumes as one list. Pure. */
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerConfig, HostConfig, Mount } from '#model/engine-api/types.ts';
import type { ContainerMount } from './record.ts';

const PROPAGATIONS = new Set(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']);
/** Of each kind one. Labels are SELinux's, and consistency is without effect on Linux, as in Docker. */
const MODES: readonly (readonly [kind: string, words: ReadonlySet<string>])[] = [
  ['access', new Set(['ro', 'rw'])],
  ['propagation', PROPAGATIONS],
  ['copy', new Set(['nocopy'])],
  ['label', new Set(['z', 'Z'])],
  ['consistency', new Set(['consistent', 'delegated', 'cached', 'default'])],
];

const invalid = (message: string): EngineError => new EngineError('invalid', message);
/** What is wrong with an entry of Binds is a server error to Docker's clients. */
const wrongBind = (message: string): EngineError => new EngineError('internal', message);

/** Without `..`, doubled and trailing slashes. */
export function cleanPath(absolute: string): string {
  return path.posix.normalize(absolute).replace(/(.)\/$/, '$1');
}

function checkDestination(destination: string, refuse: (reason: string) => EngineError): string {
  if (!destination.startsWith('/')) {
    throw refuse(`invalid mount path: '${destination}' mount path must be absolute`);
  }
  const clean = cleanPath(destination);
  if (clean === '/') throw refuse("invalid specification: destination can't be '/'");
  return clean;
}

interface Mode {
  readonly rw: boolean;
  readonly propagation: string;
  readonly noCopy: boolean;
}

function parseMode(mode: string): Mode {
  const given = new Map<string, string>();
  for (const word of mode === '' ? [] : mode.split(',')) {
    const [kind = ''] = MODES.find(([, words]) => words.has(word)) ?? [];
    if (kind === '' || given.has(kind)) throw wrongBind(`invalid mode: ${mode}`);
    given.set(kind, word);
  }
  return {
    rw: given.get('access') !== 'ro',
    propagation: given.get('propagation') ?? '',
    noCopy: given.has('copy'),
  };
}

/** `SOURCE:DESTINATION[:MODE]`, `DESTINATION` alone is an anonymous volume. */
export function parseBind(text: string, volumeDriver: string): ContainerMount {
  const parts = text.split(':');
  if (parts.length > 3 || parts[0] === '' || parts[1] === '')
    throw wrongBind(`invalid volume specification: '${text}'`);
  const [source = '', target, mode = ''] = parts.length === 1 ? ['', parts[0]] : parts;
  const type = source.startsWith('/') ? 'bind' : 'volume';
  const refuse = (reason: string): EngineError =>
    wrongBind(`invalid volume specification: '${text}': invalid mount config for type "${type}": ${reason}`);
  const destination = checkDestination(target ?? '', refuse);
  const { noCopy, ...access } = parseMode(mode);
  if (source.startsWith('/')) {
    if (noCopy) throw refuse('field VolumeOptions must not be specified');
    const propagation = access.propagation || 'rprivate';
    const bind = { type: 'bind' as const, source: cleanPath(source), destination, createSource: true };
    return { ...bind, mode, rw: access.rw, propagation };
  }
  if (access.propagation !== '') throw refuse('field BindOptions must not be specified');
  return volumeMount({
    name: source,
    destination,
    driver: volumeDriver,
    mode: source === '' ? mode : mode || 'z',
    noCopy,
    rw: access.rw,
  });
}

interface VolumeWish {
  readonly name: string;
  readonly destination: string;
  readonly driver: string;
  readonly mode: string;
  readonly rw: boolean;
  readonly noCopy: boolean;
}

function volumeMount({ name, noCopy, driver, ...rest }: VolumeWish): ContainerMount {
  return {
    type: 'volume',
    name,
    source: '',
    ...rest,
    driver: driver || 'local',
    propagation: '',
    ...(noCopy ? { noCopy } : {}),
    ...(name === '' ? { anonymous: true } : {}),
  };
}

function tmpfsMode(mount: Mount): string {
  const { SizeBytes, Mode, Options } = mount.TmpfsOptions ?? {};
  return [
    ...(SizeBytes ? [`size=${SizeBytes}`] : []),
    ...(Mode ? [`mode=${Mode.toString(8)}`] : []),
    ...(Options ?? []).map((option) => option.join('=')),
  ].join(',');
}

/** Which options are a mistake, by type of mount; those of a tmpfs are left alone elsewhere. */
const FOREIGN_OPTIONS = {
  bind: ['VolumeOptions', 'ImageOptions'],
  volume: ['BindOptions', 'ImageOptions'],
  tmpfs: ['BindOptions', 'ImageOptions'],
  image: ['BindOptions', 'VolumeOptions'],
} as const;
/** Of a tmpfs; the kernel's own, which Docker hands on. */
const TMPFS_FLAGS = new Set(['exec', 'noexec']);

/** Options of another type of mount are a mistake, as are values that there are not; see also for-version/create.ts. */
function checkOptions(mount: Mount, wrap: (reason: string) => string): void {
  const propagation = mount.BindOptions?.Propagation ?? '';
  if (propagation !== '' && !PROPAGATIONS.has(propagation)) {
    throw invalid(wrap(`invalid propagation mode: ${propagation}`));
  }
  const type = mount.Type ?? '';
  const foreign = type in FOREIGN_OPTIONS ? FOREIGN_OPTIONS[type as keyof typeof FOREIGN_OPTIONS] : [];
  const extra = foreign.find((name) => mount[name] !== undefined);
  if (extra !== undefined) throw invalid(wrap(`field ${extra} must not be specified`));
  const subpath = mount.VolumeOptions?.Subpath ?? mount.ImageOptions?.Subpath ?? '';
  if (subpath !== '' && !mount.Source) throw invalid(wrap('must not set Subpath when using anonymous volumes'));
  if (subpath.startsWith('/') || /^\.\.(\/|$)/.test(path.posix.normalize(subpath || '.'))) {
    throw invalid(wrap('subpath must be a relative path within the volume'));
  }
  if (type === 'volume' && mount.ReadOnly && !mount.Source) {
    throw invalid(wrap('must not set ReadOnly mode when using anonymous volumes'));
  }
  const options = mount.TmpfsOptions?.Options ?? [];
  if (options.some(({ length }) => length < 1 || length > 2)) throw invalid(wrap('invalid option array length'));
  const unknown = options.find(([name = '']) => !TMPFS_FLAGS.has(name));
  if (unknown !== undefined) throw invalid(wrap(`invalid option: ${unknown[0] ?? ''}`));
}

function readOnlyWishes(mount: Mount): Pick<ContainerMount, 'readOnlyNonRecursive' | 'readOnlyForceRecursive'> {
  const { ReadOnlyNonRecursive = false, ReadOnlyForceRecursive = false } = mount.BindOptions ?? {};
  if (!mount.ReadOnly && ReadOnlyNonRecursive) {
    throw invalid('mount options conflict: !ReadOnly && BindOptions.ReadOnlyNonRecursive');
  }
  return {
    ...(ReadOnlyNonRecursive ? { readOnlyNonRecursive: true } : {}),
    ...(ReadOnlyForceRecursive ? { readOnlyForceRecursive: true } : {}),
  };
}

/** Always read-only, and made at each start. */
function imageMount(name: string, destination: string, subpath: string | undefined): ContainerMount {
  const image = { type: 'image' as const, name, source: '', destination, mode: '', rw: false, propagation: 'rprivate' };
  return { ...image, ...(subpath ? { subpath } : {}) };
}

/** An entry of HostConfig.Mounts (`--mount`). */
export function parseMount(mount: Mount): ContainerMount {
  const wrap = (reason: string): string => `invalid mount config for type "${mount.Type ?? ''}": ${reason}`;
  if (!mount.Target) throw invalid(wrap('field Target must not be empty'));
  const destination = checkDestination(mount.Target, (reason) => invalid(wrap(reason)));
  checkOptions(mount, wrap);
  const rw = !(mount.ReadOnly ?? false);
  const source = mount.Source ?? '';
  switch (mount.Type) {
    case 'bind': {
      if (source === '') throw invalid(wrap('field Source must not be empty'));
      if (!source.startsWith('/')) throw invalid(wrap(`invalid mount path: '${source}' mount path must be absolute`));
      const { Propagation, NonRecursive, CreateMountpoint } = mount.BindOptions ?? {};
      return {
        type: 'bind',
        source: cleanPath(source),
        destination,
        mode: '',
        rw,
        propagation: Propagation || 'rprivate',
        ...(NonRecursive ? { nonRecursive: true } : {}),
        ...readOnlyWishes(mount),
        ...(CreateMountpoint ? { createSource: true } : {}),
      };
    }
    case 'volume': {
      const { NoCopy = false, Subpath, DriverConfig } = mount.VolumeOptions ?? {};
      const wish = { name: source, destination, driver: DriverConfig?.Name ?? '', mode: 'z', rw, noCopy: NoCopy };
      return { ...volumeMount(wish), ...(Subpath ? { subpath: Subpath } : {}) };
    }
    case 'tmpfs':
      if (source !== '') throw invalid(wrap('field Source must not be specified'));
      return { type: 'tmpfs', source: '', destination, mode: tmpfsMode(mount), rw, propagation: '' };
    case 'image':
      if (source === '') throw invalid(wrap('field Source must not be empty'));
      return imageMount(source, destination, mount.ImageOptions?.Subpath);
    default:
      throw invalid(wrap('mount type unknown'));
  }
}

/** All mounts but those of VolumesFrom. Throws EngineError('invalid') with Docker's words. */
export function wantedMounts(config: ContainerConfig, host: HostConfig): ContainerMount[] {
  const binds = (host.Binds ?? []).map((bind) => parseBind(bind, host.VolumeDriver ?? ''));
  const mounts = (host.Mounts ?? []).map(parseMount);
  const tmpfs = Object.entries(host.Tmpfs ?? {}).map(
    ([target, mode]): ContainerMount => ({
      type: 'tmpfs',
      source: '',
      destination: checkDestination(target, invalid),
      mode,
      rw: true,
      propagation: '',
      unlisted: true,
    }),
  );
  const mounted = new Set(mounts.map(({ destination }) => destination));
  const explicit = [...binds, ...mounts, ...tmpfs.filter(({ destination }) => !mounted.has(destination))];
  const taken = new Set<string>();
  for (const { destination } of explicit) {
    if (taken.has(destination)) throw invalid(`Duplicate mount point: ${destination}`);
    taken.add(destination);
  }
  const anonymous = Object.keys(config.Volumes ?? {})
    .map((target) =>
      checkDestination(path.posix.resolve('/', target), (reason) => invalid(`invalid volume: ${reason}`)),
    )
    .filter((destination) => !taken.has(destination))
    .map((destination) => volumeMount({ name: '', destination, driver: '', mode: '', rw: true, noCopy: false }));
  return [...explicit, ...anonymous];
}
