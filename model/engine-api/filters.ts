import { EngineError } from './errors.ts';

export type Filters = ReadonlyMap<string, readonly string[]>;

/**
 * The `filters` query parameter: `{"label":["a=b"]}` or, from older clients, `{"label":{"a=b":true}}`.
 * Throws EngineError('invalid') when it is neither.
 */
export function parseFilters(text: string | null): Filters {
  if (text === null || text === '') return new Map();
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new EngineError('invalid', 'invalid filter', { cause });
  }
  if (data === null) return new Map();
  if (typeof data !== 'object' || Array.isArray(data)) throw new EngineError('invalid', 'invalid filter');
  return new Map(Object.entries(data).map(([name, value]) => [name, valuesOf(value)]));
}

function valuesOf(value: unknown): readonly string[] {
  if (value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  if (typeof value === 'object' && value !== null && Object.values(value).every((on) => typeof on === 'boolean')) {
    return Object.entries(value)
      .filter(([, on]) => on === true)
      .map(([key]) => key);
  }
  throw new EngineError('invalid', 'invalid filter');
}
