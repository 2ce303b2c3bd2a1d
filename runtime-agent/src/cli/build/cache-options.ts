/** `--cache-from` and `--cache-to`, as `docker buildx build` has them. */
import { existsSync } from 'node:fs';
import { EngineError } from '#model/engine-api/errors.ts';
import { readFields } from './build-options.ts';

/** What the engine is asked; folders are known by number. */
export interface CacheOptions {
  readonly imports: readonly Readonly<Record<string, unknown>>[];
  readonly exports: readonly Readonly<Record<string, unknown>>[];
  /** Folders of `type=local`, by the name that the engine asks for them by. */
  readonly folders: ReadonlyMap<string, string>;
}

const IMPORT_FIELDS = ['type', 'ref', 'src', 'tag', 'digest'];
const EXPORT_FIELDS = [
  'type',
  'ref',
  'dest',
  'tag',
  'mode',
  'image-manifest',
  'oci-mediatypes',
  'compression',
  'ignore-error',
];
const ELSEWHERE = 'use registry, local or inline';

/** Throws EngineError('invalid'). */
export function readCacheOptions(from: readonly string[], to: readonly string[]): CacheOptions {
  const folders = new Map<string, string>();
  const folder = (path: string): string => {
    const name = `cache${folders.size}`;
    folders.set(name, path);
    return name;
  };
  return {
    imports: from.flatMap((text) => readImport(text, folder)),
    exports: to.map((text) => readExport(text, folder)),
    folders,
  };
}

function fieldsOf(option: string, text: string, known: readonly string[]): Record<string, string> {
  if (!text.includes('=')) return { type: 'registry', ref: text };
  const fields = readFields(option, text);
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new EngineError('invalid', `${option} ${text}: ${unknown} is not known: use ${known.join(', ')}`);
  return fields;
}

function readImport(text: string, folder: (path: string) => string): Record<string, unknown>[] {
  const { type, ref, src, tag = 'latest', digest } = fieldsOf('--cache-from', text, IMPORT_FIELDS);
  switch (type) {
    case 'registry':
      return [{ type, reference: needed('--cache-from', text, 'ref', ref) }];
    case 'local': {
      const place = needed('--cache-from', text, 'src', src);
      // As with buildx, the first build of a pipeline has no cache yet.
      if (!existsSync(`${place}/index.json`)) return [];
      return [{ type: 'client', name: folder(place), tag, ...(digest === undefined ? {} : { digest }) }];
    }
    default:
      throw new EngineError('invalid', `--cache-from ${text}: no cache of the type "${type ?? ''}": ${ELSEWHERE}`);
  }
}

function readExport(text: string, folder: (path: string) => string): Record<string, unknown> {
  const fields = fieldsOf('--cache-to', text, EXPORT_FIELDS);
  const { type, ref, dest, tag = 'latest', mode = 'min', compression = 'gzip' } = fields;
  if (mode !== 'min' && mode !== 'max') throw new EngineError('invalid', `--cache-to ${text}: mode is min or max`);
  if (compression !== 'gzip')
    throw new EngineError('invalid', `--cache-to ${text}: layers are compressed with gzip only`);
  const how = {
    mode,
    asImage: isOn('image-manifest', fields, true),
    oci: isOn('oci-mediatypes', fields, true),
    ignoreError: isOn('ignore-error', fields, false),
  };
  switch (type) {
    case 'inline':
      if (mode === 'max') throw new EngineError('invalid', `--cache-to ${text}: an inline cache has mode=min only`);
      return { type };
    case 'registry':
      return { type, reference: needed('--cache-to', text, 'ref', ref), ...how };
    case 'local':
      return { type: 'client', name: folder(needed('--cache-to', text, 'dest', dest)), tag, ...how };
    default:
      throw new EngineError('invalid', `--cache-to ${text}: no cache of the type "${type ?? ''}": ${ELSEWHERE}`);
  }
}

function needed(option: string, text: string, field: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new EngineError('invalid', `${option} ${text}: ${field} is required`);
  return value;
}

function isOn(name: string, fields: Readonly<Record<string, string>>, standard: boolean): boolean {
  const text = fields[name];
  return text === undefined ? standard : /^(1|t|true)$/i.test(text);
}
