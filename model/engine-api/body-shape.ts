/**
 * Reads JSON bodies as Go's encoding/json does, because Docker's clients rely on it: names match in any case, null is the
 * same as nothing, unknown names are ignored, a wrong type is an error.
 */
import { EngineError } from './errors.ts';

/** Go's integers, by what fits. The largest of 64 bits is read as the power of two above it, the nearest that a double has. */
const INTEGERS = {
  int: [-(2 ** 63), 2 ** 63],
  int64: [-(2 ** 63), 2 ** 63],
  uint: [0, 2 ** 64],
  uint64: [0, 2 ** 64],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
} as const;

export type Scalar = 'string' | 'boolean' | keyof typeof INTEGERS;

interface ListShape {
  readonly list: Shape;
  /** Docker's list has these: errors name them, and what is null is left out. */
  readonly pointers?: true;
  /** It has as many always. */
  readonly length?: number;
}

export type Shape =
  | Scalar
  | 'any'
  /** A list of strings that may be given as one string. */
  | 'words'
  /** `go` is the name that Docker's own types have for it: clients see it in errors. */
  | { readonly scalar: Scalar; readonly go: string }
  | ListShape
  /** `pointers`: Docker's map has these, so that errors name them. */
  | { readonly map: Shape; readonly go?: string; readonly pointers?: true }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly go?: string };

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
};

function wanted(shape: Shape): string {
  if (shape === 'boolean') return 'bool';
  if (typeof shape === 'string') return shape;
  if ('list' in shape) return `[${shape.length ?? ''}]${shape.pointers ? '*' : ''}${wanted(shape.list)}`;
  if (!('map' in shape)) return shape.go ?? 'struct';
  return shape.go ?? `map[string]${shape.pointers ? '*' : ''}${wanted(shape.map)}`;
}

/** Where in a body: `HostConfig.Binds.0`, and whether that is an element of a list. */
interface Place {
  readonly path: string;
  readonly inList?: true;
}

const field = ({ path }: Place, name: string): Place => ({ path: `${path}.${name}` });
const element = ({ path }: Place, index: number): Place => ({ path: `${path}.${index}`, inList: true });
/** Keys are escaped as in a JSON pointer (RFC 6901). */
const entry = ({ path }: Place, key: string): Place => ({
  path: `${path}.${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
});

/** In the words of Go's encoding/json, which clients' tests look for. */
function mismatch(value: unknown, shape: Shape, { path, inList }: Place): EngineError {
  const where = path === '' ? 'Go value' : `${inList ? '' : 'Go struct field '}${path}`;
  const isInteger = (typeof shape === 'string' ? shape : 'scalar' in shape ? shape.scalar : '') in INTEGERS;
  const what = typeof value === 'number' && isInteger ? `number ${value}` : kindOf(value);
  const text = `invalid JSON: json: cannot unmarshal ${what} into ${where} of type ${wanted(shape)}`;
  return new EngineError('invalid', text);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readFields(value: Record<string, unknown>, fields: Readonly<Record<string, Shape>>, place: Place): object {
  const byLower = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  const result: Record<string, unknown> = {};
  for (const [given, item] of Object.entries(value)) {
    const name = Object.hasOwn(fields, given) ? given : byLower.get(given.toLowerCase());
    const shape = name === undefined ? undefined : fields[name];
    if (name === undefined || shape === undefined || item === null || item === undefined) continue;
    result[name] = readShape(item, shape, field(place, name));
  }
  return result;
}

function fits(value: unknown, scalar: Scalar): boolean {
  if (scalar === 'string' || scalar === 'boolean') return typeof value === scalar;
  const [least, most] = INTEGERS[scalar];
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** What Go makes of a null in a map. A list's is kept: `PortBindings: {"80/tcp": null}` means something. */
function zeroOf(shape: Shape): unknown {
  if (shape === 'string') return '';
  return typeof shape === 'object' && 'fields' in shape && Object.keys(shape.fields).length === 0 ? {} : null;
}

function readWords(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((word) => typeof word === 'string' || word === null)) {
    return value.map((word) => (word as string | null) ?? '');
  }
  throw mismatch(value, 'string', { path: '' }); // Docker tries the one and then the other
}

function readList(value: readonly unknown[], shape: ListShape, place: Place): unknown[] {
  const { list, pointers, length = value.length } = shape;
  const items = Array.from({ length }, (_, i) => value[i] ?? (length === value.length ? null : 0));
  const empty = list === 'string' ? '' : typeof list === 'object' && 'fields' in list && !pointers ? {} : undefined;
  const whole = items.map((item) => item ?? empty);
  return whole.flatMap((item, i) => (item === undefined ? [] : [readShape(item, list, element(place, i))]));
}

/** @param type of the whole body, see readBody */
function readShape(value: unknown, shape: Shape, place: Place, type = ''): unknown {
  if (shape === 'any') return value;
  if (shape === 'words') return readWords(value);
  if (typeof shape === 'string' || 'scalar' in shape) {
    // JSON of the largest double below is an integer of 64 bits as well.
    if (fits(value, typeof shape === 'string' ? shape : shape.scalar))
      return value === 2 ** 63 ? 2 ** 63 - 1024 : value;
    throw mismatch(value, shape, place);
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) throw mismatch(value, shape, place);
    return readList(value, shape, place);
  }
  if (!isObject(value)) throw mismatch(value, shape, place);
  if ('fields' in shape) return readFields(value, shape.fields, place.path === '' ? { path: type } : place);
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    item === null ? zeroOf(shape.map) : readShape(item, shape.map, entry(place, key)),
  ]);
  return Object.fromEntries(entries) as unknown;
}

/**
 * Throws EngineError('invalid') where the body does not have the shape. The caller names the type that the shape is.
 * @param type the name of Docker's struct as errors about its fields have it; '' where they are those of an embedded one
 */
export function readBody<T>(body: unknown, shape: Shape, type = ''): T {
  return readShape(body ?? {}, shape, { path: '' }, type) as T;
}
