/** Image configurations as they come from registries and archives (OCI image-spec config.md). */
import { EngineError } from '../engine-api/errors.ts';
import { isDigest } from './digest.ts';
import type { OciImageConfig } from './image-config.ts';

/**
 * Checks what the engine relies on; fields of unexpected type inside `config` are dropped rather than refused, as images
 * in the wild have them. Throws EngineError('invalid') when it is no configuration of a container image.
 */
export function parseImageConfig(text: string): OciImageConfig {
  const value = parse(text);
  const rootfs = value['rootfs'] as { type?: unknown; diff_ids?: unknown } | undefined;
  const diffIds = typeof rootfs === 'object' && rootfs !== null ? (rootfs.diff_ids ?? []) : undefined;
  if (!Array.isArray(diffIds) || !diffIds.every((id) => typeof id === 'string' && isDigest(id))) {
    const text = 'invalid rootfs in image configuration: rootfs.diff_ids is not a list of sha256 digests';
    throw new EngineError('invalid', text);
  }
  const { os, architecture, config } = value;
  const history = Array.isArray(value['history']) ? value['history'].filter(isRecord) : [];
  if (history.filter((entry) => entry['empty_layer'] !== true).length > diffIds.length) {
    throw new EngineError('invalid', 'invalid image configuration: too many non-empty layers in History section');
  }
  const stringOr = (field: unknown, fallback: string): string =>
    typeof field === 'string' && field !== '' ? field : fallback;
  return {
    ...(value as Partial<OciImageConfig>),
    os: stringOr(os, 'linux'),
    architecture: stringOr(architecture, 'amd64'),
    rootfs: { type: 'layers', diff_ids: diffIds },
    config: isRecord(config) ? defaults(config) : {},
    history,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (error) {
    throw new EngineError('invalid', 'invalid image configuration: not JSON', { cause: error });
  }
  throw new EngineError('invalid', 'invalid image configuration: not an object');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const LISTS = ['Env', 'Entrypoint', 'Cmd', 'Shell', 'OnBuild'];
const MAPS = ['ExposedPorts', 'Volumes', 'Labels'];
const TEXTS = ['User', 'WorkingDir', 'StopSignal'];

function defaults(config: Record<string, unknown>): NonNullable<OciImageConfig['config']> {
  const isList = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'string');
  const good = Object.entries(config).filter(([name, value]) => {
    if (value === null) return false; // what Go writes for a list that was never set
    if (LISTS.includes(name)) return isList(value);
    if (MAPS.includes(name)) return isRecord(value);
    return TEXTS.includes(name) ? typeof value === 'string' : true;
  });
  return Object.fromEntries(good);
}
