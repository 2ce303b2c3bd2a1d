/** A volume as the engine remembers it, and checks on what is asked for, in Docker's words; pure. */
import { EngineError } from '#model/engine-api/errors.ts';
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
  if (name.length === 1) refuse('volume name is too short, names should be at least two alphanumeric characters');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) || name.length > 255) {
    refuse(
      `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== '');
  const unknown = Object.keys(options ?? {}).find((key) => !OPTION_NAMES.has(key));
  if (unknown !== undefined) refuse(`invalid option: "${unknown}"`);
  const has = (key: string): boolean => given.some(([one]) => one === key);
  if (has('size')) refuse('quota size requested but no quota support');
  if (has('type') && !has('device')) refuse('missing required option: "device"');
  if (has('device') && !has('type')) refuse('missing required option: "type"');
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
