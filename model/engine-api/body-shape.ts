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
  /** `go` is the name that Docker's own types have for it: clients see it in errors. */
  | { readonly map: Shape; readonly go?: string }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly go?: string };

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
};

function wanted(shape: Shape): string {
  if (shape === 'number') return 'int64';
  if (typeof shape === 'string') return shape === 'boolean' ? 'bool' : shape;
  if ('list' in shape) return `[]${wanted(shape.list)}`;
  return shape.go ?? ('map' in shape ? `map[string]${wanted(shape.map)}` : 'struct');
}

/** In the words of Go's encoding/json, which clients' tests look for. */
function mismatch(value: unknown, shape: Shape, path: string): EngineError {
  const where = path === '' ? 'Go value' : `Go struct field ${path}`;
  const what = typeof value === 'number' && shape === 'number' ? `number ${value}` : kindOf(value);
  const text = `invalid JSON: json: cannot unmarshal ${what} into ${where} of type ${wanted(shape)}`;
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
    result[name] = readShape(item, shape, `${path}.${name}`);
  }
  return result;
}

function readShape(value: unknown, shape: Shape, path: string, type = ''): unknown {
  if (shape === 'any') return value;
  if (shape === 'words') {
    if (typeof value === 'string') return [value];
    if (Array.isArray(value) && value.every((word) => typeof word === 'string' || word === null)) {
      return value.map((word) => (word as string | null) ?? '');
    }
    throw mismatch(value, 'string', ''); // Docker tries the one and then the other
  }
  if (typeof shape === 'string') {
    const fits = typeof value === shape && (shape !== 'number' || Number.isInteger(value));
    if (fits) return value;
    throw mismatch(value, shape, path);
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) throw mismatch(value, shape, path);
    // Go names the list, not the place in it.
    const items: readonly unknown[] = shape.list === 'string' ? value.map((item) => item ?? '') : value;
    return items.filter((item) => item !== null).map((item) => readShape(item, shape.list, path));
  }
  if (!isObject(value)) throw mismatch(value, shape, path);
  if ('fields' in shape) return readFields(value, shape.fields, path === '' ? type : path);
  // A map keeps its nulls: `PortBindings: {"80/tcp": null}` means something.
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    item === null ? null : readShape(item, shape.map, path),
  ]);
  return Object.fromEntries(entries) as unknown;
}

/**
 * Throws EngineError('invalid') where the body does not have the shape. The caller names the type that the shape is.
 * @param type the name of Docker's struct as errors about its fields have it; '' where they are those of an embedded one
 */
export function readBody<T>(body: unknown, shape: Shape, type = ''): T {
  return readShape(body ?? {}, shape, '', type) as T;
}
