/** A volume as the engine remembers it, and checks on what is asked for, in Docker's words; pure. */
import { EngineError } from '#model/engine-api/errors.ts';
import { ramInBytes } from '#model/engine-api/ram-in-bytes.ts';
import type { Volume, VolumeCreateOptions } from '#model/engine-api/types.ts';

export interface VolumeRecord {
  readonly name: string;
  /** RFC 3339, whole seconds. */
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly options: Readonly<Record<string, string>> | null;
  /** Ids of the containers that have it, in the order in which they came. */
  readonly users: readonly string[];
}

export const ANONYMOUS_LABEL = 'com.docker.volume.anonymous';
const OPTION_NAMES: ReadonlySet<string> = new Set(['type', 'o', 'device', 'size']);

/** Throws EngineError('invalid' | 'not-found'). */
export function checkVolume(name: string, { Driver: driver, DriverOpts: options }: VolumeCreateOptions): void {
  const refuse = (why: string): never => {
    throw new EngineError('invalid', `create ${name}: ${why}`);
  };
  if (driver !== undefined && driver !== '' && driver !== 'local') {
    const text = `create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`;
    throw new EngineError('not-found', text);
  }
  if (Buffer.byteLength(name) === 1)
    refuse('volume name is too short, names should be at least two alphanumeric characters');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) || name.length > 255) {
    refuse(
      `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
  const unknown = Object.keys(options ?? {}).find((key) => !OPTION_NAMES.has(key));
  if (unknown !== undefined) refuse(`invalid option: "${unknown}"`);
  const { size } = options ?? {};
  if (size !== undefined && sizeOf(size, refuse) > 0) refuse('quota size requested but no quota support');
  // What is given counts, be it empty.
  const has = (key: string): boolean => options?.[key] !== undefined;
  if (!has('type') && !has('o') && !has('device')) return;
  if (!has('device')) refuse('missing required option: "device"');
  if (!has('type')) refuse('missing required option: "type"');
}

function sizeOf(text: string, refuse: (why: string) => never): number {
  try {
    return ramInBytes(text);
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** Docker says null where nothing was given; its generated types do not know that. */
export function showVolume({ name, createdAt, labels, options }: VolumeRecord, mountpoint: string): Volume {
  const shown: Readonly<Record<string, unknown>> = {
    CreatedAt: createdAt,
    Driver: 'local',
    Labels: labels,
    Mountpoint: mountpoint,
    Name: name,
    Options: options,
    Scope: 'local',
  };
  return shown as unknown as Volume;
}

/** Volumes that are a mount of something else; their contents are not the engine's to measure or to prune. */
export function isMounted({ options }: Pick<VolumeRecord, 'options'>): boolean {
  return Boolean(options?.['type']) && Boolean(options?.['device']);
}
