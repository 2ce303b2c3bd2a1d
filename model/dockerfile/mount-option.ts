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
  /** One of the three was written. */
  readonly hasOwner: boolean;
}

export interface TmpfsMount extends Common {
  readonly type: 'tmpfs';
  readonly readOnly: boolean;
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
/** Any mount may have any of them; most say nothing to most types. */
const KEYS = ['type', 'from', 'source', 'target', 'readonly', 'readwrite', 'id', 'sharing', 'required', 'size', 'env'];
const OWNER_KEYS = ['mode', 'uid', 'gid'];
const TYPES: readonly InstructionMount['type'][] = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'];
const SHARING: readonly CacheMount['sharing'][] = ['shared', 'private', 'locked'];
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
  const { type, fields } = readFields(option);
  checkFields(type, fields);
  const from = fields.get('from');
  const origin = { source: fields.get('source') ?? '/', ...(from ? { from } : {}) };
  switch (type) {
    case 'bind':
      return { type, target: targetOf(fields), ...origin, writable: isWritable(fields, false) };
    case 'tmpfs': {
      const size = fields.get('size');
      const limit = size === undefined ? 0 : sizeOf(size);
      const readOnly = !isWritable(fields, true);
      return { type, target: targetOf(fields), readOnly, ...(limit === 0 ? {} : { size: limit }) };
    }
    case 'cache': {
      const target = targetOf(fields);
      const id = fields.get('id') || target;
      const sharing = SHARING.find((one) => one === fields.get('sharing')?.toLowerCase()) ?? 'shared';
      const readOnly = !isWritable(fields, true);
      const hasOwner = OWNER_KEYS.some((name) => fields.has(name));
      const own = owner(fields, 0o755);
      return { type, target, id, ...origin, readOnly, sharing, ...own, mode: own.mode & 0o777, hasOwner };
    }
    case 'secret':
    case 'ssh':
      return secretOf(type, fields);
  }
}

interface Fields {
  readonly type: InstructionMount['type'];
  readonly fields: ReadonlyMap<string, string>;
}

function readFields(option: string): Fields {
  const fields = new Map<string, string>();
  let type: InstructionMount['type'] = 'bind';
  for (const field of splitCsv(option)) {
    const equals = field.indexOf('=');
    const written = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
    const name = ALIASES[written] ?? written;
    if (equals === -1 && !SWITCHES.includes(name)) {
      throw new MountError(`invalid field '${field}' must be a key=value pair`);
    }
    const value = equals === -1 ? 'true' : field.slice(equals + 1);
    if (name === 'type') type = typeNamed(value);
    else checkField({ type, name, written, value, field });
    fields.set(name, value);
  }
  return { type, fields };
}

function typeNamed(text: string): InstructionMount['type'] {
  const type = TYPES.find((one) => one === text.toLowerCase());
  if (type === undefined) throw new MountError(`unsupported mount type "${text}"${near(text, TYPES)}`);
  return type;
}

interface Field {
  /** Of the mount, as far as it is known: what comes later does not count. */
  readonly type: InstructionMount['type'];
  readonly name: string;
  readonly written: string;
  readonly value: string;
  readonly field: string;
}

function checkField({ type, name, written, value, field }: Field): void {
  if (![...KEYS, ...OWNER_KEYS].includes(name)) {
    const known = [...KEYS, ...OWNER_KEYS, ...Object.keys(ALIASES)];
    throw new MountError(`unexpected key '${name}' in '${field}'${near(name, known)}`);
  }
  const isMisplaced =
    (name === 'required' && type !== 'secret' && type !== 'ssh') || (name === 'size' && type !== 'tmpfs');
  if (isMisplaced) throw new MountError(`unexpected key '${name}' for mount type '${type}'`);
  if (SWITCHES.includes(name) && !/^(1|t|true|0|f|false)$/i.test(value)) {
    throw new MountError(`invalid value for ${written}: ${value}`);
  }
  if (name === 'sharing' && !SHARING.some((one) => one === value.toLowerCase())) {
    throw new MountError(`unsupported sharing value "${value}"${near(value, SHARING)}`);
  }
}

function near(word: string, options: readonly string[]): string {
  const found = suggest(word, options, true);
  return found === undefined ? '' : ` (did you mean ${found}?)`;
}

/** What fits into no mount of the type, once all is known. */
function checkFields(type: InstructionMount['type'], fields: Fields['fields']): void {
  const hasOwner = type === 'cache' || type === 'secret' || type === 'ssh';
  for (const name of OWNER_KEYS) {
    if (fields.has(name) && !hasOwner) throw new MountError(`${name} not allowed for "${type}" type mounts`);
  }
  if (fields.has('sharing') && type !== 'cache') {
    const why = `invalid cache sharing set for ${type} mount`;
    throw new MountError(type === 'secret' ? 'secret mount should not define sharing' : why);
  }
  if (type === 'ssh' && fields.get('source')) throw new MountError('ssh does not support source');
  if (type !== 'secret') return;
  if (fields.get('from')) throw new MountError('secret mount should not have a from');
  if (fields.get('source') && fields.get('id')) throw new MountError("both source and id can't be set");
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
  const value = (radix === 8 ? /^[0-7]+$/ : /^\d+$/).test(text) ? Number.parseInt(text, radix) : Infinity;
  if (value >= 2 ** 32) throw new MountError(`invalid value ${text} for ${name}`);
  return value;
}

function sizeOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgtp]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) throw new MountError(`invalid value for size: ${text}`);
  return Math.floor(Number(match[1]) * 1024 ** Math.max(0, SIZE_UNITS.indexOf((match[2] ?? '').toLowerCase())));
}
