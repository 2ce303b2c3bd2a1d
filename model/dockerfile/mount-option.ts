/** `RUN --mount=…` (Dockerfile reference, "RUN --mount"). */
import { suggest } from '../text/suggest.ts';
import { splitCsv } from './csv-line.ts';

interface Common {
  /** Path in the container; relative ones are relative to the working directory. */
  readonly target: string;
}

export interface BindMount extends Common {
  readonly type: 'bind';
  /** Stage or image; undefined: the build context. */
  readonly from?: string;
  readonly source: string;
  readonly writable: boolean;
}

export interface CacheMount extends Common {
  readonly type: 'cache';
  readonly id: string;
  readonly from?: string;
  readonly source: string;
  readonly readOnly: boolean;
  readonly sharing: 'shared' | 'private' | 'locked';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface TmpfsMount extends Common {
  readonly type: 'tmpfs';
  /** Bytes; undefined: the kernel's default. */
  readonly size?: number;
}

export interface SecretMount extends Common {
  readonly type: 'secret' | 'ssh';
  readonly id: string;
  readonly required: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Environment variable that gets the secret. */
  readonly env?: string;
  /** The target was written, not taken from the id. */
  readonly hasTarget: boolean;
}

export type InstructionMount = BindMount | CacheMount | TmpfsMount | SecretMount;

const ALIASES: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
  rw: 'readwrite',
};
const FIELDS: Readonly<Record<InstructionMount['type'], readonly string[]>> = {
  bind: ['target', 'source', 'from', 'readonly', 'readwrite'],
  cache: ['target', 'source', 'from', 'readonly', 'readwrite', 'id', 'sharing', 'mode', 'uid', 'gid'],
  tmpfs: ['target', 'size'],
  secret: ['target', 'id', 'source', 'required', 'mode', 'uid', 'gid', 'env'],
  ssh: ['target', 'id', 'source', 'required', 'mode', 'uid', 'gid'],
};
const SWITCHES: readonly string[] = ['readonly', 'readwrite', 'required'];
const SIZE_UNITS = ['b', 'k', 'm', 'g', 't', 'p'];

export type MountRead = { readonly mount: InstructionMount; readonly error?: undefined } | { readonly error: string };

class MountError extends Error {}

/** Never throws: `error` is in BuildKit's words. */
export function readMountOption(option: string): MountRead {
  try {
    return { mount: decodeMount(option) };
  } catch (error) {
    if (error instanceof MountError) return { error: error.message };
    throw error;
  }
}

function decodeMount(option: string): InstructionMount {
  const fields = readFields(option);
  const type = fields.get('type') ?? 'bind';
  if (!isMountType(type)) throw new MountError(`unsupported mount type "${type}"`);
  for (const name of fields.keys()) {
    if (name !== 'type' && !FIELDS[type].includes(name)) {
      const near = suggest(name, [...FIELDS[type], 'type'], true);
      const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
      throw new MountError(`unexpected key '${name}' in '${name}=${fields.get(name)}'${hint}`);
    }
  }
  const from = fields.get('from');
  const origin = { source: fields.get('source') ?? '/', ...(from ? { from } : {}) };
  switch (type) {
    case 'bind':
      return { type, target: targetOf(fields), ...origin, writable: isWritable(fields, false) };
    case 'tmpfs': {
      const size = fields.get('size');
      return { type, target: targetOf(fields), ...(size === undefined ? {} : { size: sizeOf(size) }) };
    }
    case 'cache': {
      const target = targetOf(fields);
      const sharing = fields.get('sharing') ?? 'shared';
      if (sharing !== 'shared' && sharing !== 'private' && sharing !== 'locked') {
        throw new MountError(`unsupported sharing value "${sharing}"`);
      }
      const id = fields.get('id') ?? target;
      return { type, target, id, ...origin, readOnly: !isWritable(fields, true), sharing, ...owner(fields, 0o755) };
    }
    case 'secret':
    case 'ssh':
      return secretOf(type, fields);
  }
}

function isMountType(type: string): type is InstructionMount['type'] {
  return Object.hasOwn(FIELDS, type);
}

function readFields(option: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const field of splitCsv(option)) {
    const equals = field.indexOf('=');
    const written = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
    const name = ALIASES[written] ?? written;
    if (equals === -1 && !SWITCHES.includes(name)) {
      throw new MountError(`invalid field '${field}' must be a key=value pair`);
    }
    const value = equals === -1 ? 'true' : field.slice(equals + 1);
    if (SWITCHES.includes(name) && !/^(1|t|true|0|f|false)$/i.test(value)) {
      throw new MountError(`invalid value for ${written}: ${value}`);
    }
    fields.set(name, value);
  }
  return fields;
}

function isOn(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : /^(1|t|true)$/i.test(value);
}

function isWritable(fields: ReadonlyMap<string, string>, fallback: boolean): boolean {
  const readOnly = isOn(fields.get('readonly'));
  return isOn(fields.get('readwrite')) ?? (readOnly === undefined ? fallback : !readOnly);
}

/** Where none is written, it is the working directory. */
function targetOf(fields: ReadonlyMap<string, string>): string {
  return fields.get('target') ?? '';
}

function secretOf(type: 'secret' | 'ssh', fields: ReadonlyMap<string, string>): SecretMount {
  const given = fields.get('target');
  const base = given?.split('/').at(-1);
  const named = fields.get('id') ?? fields.get('source');
  const id = type === 'ssh' ? named || 'default' : (named ?? base);
  const env = fields.get('env');
  if (id === undefined || id === '') throw new MountError('invalid secret mount. one of source, target required');
  const target = given ?? (type === 'ssh' ? '/run/buildkit/ssh_agent.0' : `/run/secrets/${id.split('/').at(-1) ?? id}`);
  const required = isOn(fields.get('required')) ?? false;
  const mode = owner(fields, type === 'ssh' ? 0o600 : 0o400);
  return { type, id, target, required, hasTarget: given !== undefined, ...mode, ...(env === undefined ? {} : { env }) };
}

function owner(fields: ReadonlyMap<string, string>, mode: number) {
  return {
    mode: numberOf(fields, 'mode', 8) ?? mode,
    uid: numberOf(fields, 'uid', 10) ?? 0,
    gid: numberOf(fields, 'gid', 10) ?? 0,
  };
}

function numberOf(fields: ReadonlyMap<string, string>, name: string, radix: 8 | 10): number | undefined {
  const text = fields.get(name);
  if (text === undefined) return undefined;
  if (!(radix === 8 ? /^[0-7]+$/ : /^\d+$/).test(text)) throw new MountError(`invalid value ${text} for ${name}`);
  return Number.parseInt(text, radix);
}

function sizeOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgtp]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) throw new MountError(`invalid value for size: ${text}`);
  return Math.floor(Number(match[1]) * 1024 ** Math.max(0, SIZE_UNITS.indexOf((match[2] ?? '').toLowerCase())));
}
