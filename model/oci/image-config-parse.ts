/** Image configurations as they come from registries and archives (OCI image-spec config.md). */
import { EngineError } from '../engine-api/errors.ts';
import { isDigest } from './digest.ts';
import type { OciImageConfig } from './image-config.ts';

/**
 * Checks what the engine relies on; optional fields of unexpected type are dropped rather than refused, as images in the
 * wild have them: clients take none of them. Throws EngineError('invalid') when it is no configuration of a container image.
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
  const history = Array.isArray(value['history']) ? value['history'].filter(isRecord).map(only(ENTRY)) : [];
  if (history.filter((entry) => entry['empty_layer'] !== true).length > diffIds.length) {
    throw new EngineError('invalid', 'invalid image configuration: too many non-empty layers in History section');
  }
  const stringOr = (field: unknown, fallback: string): string =>
    typeof field === 'string' && field !== '' ? field : fallback;
  return {
    ...(only(IMAGE)(value) as Partial<OciImageConfig>),
    os: stringOr(os, 'linux'),
    architecture: stringOr(architecture, 'amd64'),
    rootfs: { type: 'layers', diff_ids: diffIds },
    config: isRecord(config) ? only(DEFAULTS)(config) : {},
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

/** The value, or what of it can be used; undefined for one that cannot. */
type Check = (value: unknown) => unknown;

const ofType =
  (type: 'string' | 'number' | 'boolean'): Check =>
  (value) =>
    typeof value === type ? value : undefined;
const text = ofType('string');
const list: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
/** RFC 3339, as Go reads it. */
const time: Check = (value) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;
const mapOf =
  (check: Check): Check =>
  (value) => {
    if (!isRecord(value)) return undefined;
    const entries = Object.entries(value).map(([name, item]) => [name, check(item)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  };
const set = mapOf(() => ({}));

const ENTRY = {
  created: time,
  created_by: text,
  author: text,
  comment: text,
  empty_layer: ofType('boolean'),
};
const IMAGE = { created: time, author: text, comment: text, docker_version: text, variant: text };
const HEALTHCHECK = {
  Test: list,
  Interval: ofType('number'),
  Timeout: ofType('number'),
  StartPeriod: ofType('number'),
  StartInterval: ofType('number'),
  Retries: ofType('number'),
};
const DEFAULTS = {
  Env: list,
  Entrypoint: list,
  Cmd: list,
  Shell: list,
  OnBuild: list,
  ExposedPorts: set,
  Volumes: set,
  Labels: mapOf(text),
  User: text,
  WorkingDir: text,
  StopSignal: text,
  ArgsEscaped: ofType('boolean'),
  Healthcheck: (value: unknown) => (isRecord(value) ? only(HEALTHCHECK)(value) : undefined),
};

/** What of the known fields can be used, and all others. null is what Go writes for what was never set. */
function only(known: Readonly<Record<string, Check>>) {
  return (record: Record<string, unknown>): Record<string, unknown> => {
    const checked = Object.entries(record).map(([name, value]) => {
      const check = Object.hasOwn(known, name) ? known[name] : undefined;
      return [name, check === undefined ? (value ?? undefined) : check(value)] as const;
    });
    return Object.fromEntries(checked.filter(([, value]) => value !== undefined));
  };
}
