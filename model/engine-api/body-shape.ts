/**
 * Reads JSON bodies as Go's encoding/json does, because Docker's clients rely on it: names match in any case, null is the
 * same as nothing, unknown names are ignored, a wrong type is an error.
 */
import { EngineError } from './errors.ts';

export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'any'
  /** A list of strings that may be given as one string. */
  | 'words'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
};

function wanted(shape: Shape): string {
  if (shape === 'words') return '[]string';
  if (shape === 'number') return 'int64';
  if (typeof shape === 'string') return shape === 'boolean' ? 'bool' : shape;
  return 'list' in shape ? `[]${wanted(shape.list)}` : 'object';
}

/** In the words of Go's encoding/json, which clients' tests look for. */
function mismatch(value: unknown, shape: Shape, path: string): EngineError {
  const where = path === '' ? 'Go value' : `Go struct field .${path}`;
  const text = `invalid JSON: json: cannot unmarshal ${kindOf(value)} into ${where} of type ${wanted(shape)}`;
  return new EngineError('invalid', text);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readFields(value: Record<string, unknown>, fields: Readonly<Record<string, Shape>>, path: string): object {
  const byLower = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  const result: Record<string, unknown> = {};
  for (const [given, item] of Object.entries(value)) {
    const name = Object.hasOwn(fields, given) ? given : byLower.get(given.toLowerCase());
    const shape = name === undefined ? undefined : fields[name];
    if (name === undefined || shape === undefined || item === null || item === undefined) continue;
    result[name] = readShape(item, shape, path === '' ? name : `${path}.${name}`);
  }
  return result;
}

function readShape(value: unknown, shape: Shape, path: string): unknown {
  if (shape === 'any') return value;
  if (shape === 'words') {
    if (typeof value === 'string') return [value];
    return readShape(value, { list: 'string' }, path);
  }
  if (typeof shape === 'string') {
    if (typeof value === shape) return value;
    throw mismatch(value, shape, path);
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) throw mismatch(value, shape, path);
    return value.filter((item) => item !== null).map((item, i) => readShape(item, shape.list, `${path}[${i}]`));
  }
  if (!isObject(value)) throw mismatch(value, shape, path);
  if ('fields' in shape) return readFields(value, shape.fields, path);
  // A map keeps its nulls: `PortBindings: {"80/tcp": null}` means something.
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    item === null ? null : readShape(item, shape.map, `${path}.${key}`),
  ]);
  return Object.fromEntries(entries) as unknown;
}

/** Throws EngineError('invalid') where the body does not have the shape. The caller names the type that the shape is. */
export function readBody<T>(body: unknown, shape: Shape): T {
  return readShape(body, shape, '') as T;
}
