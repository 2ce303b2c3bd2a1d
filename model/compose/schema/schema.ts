/** The shape of a Compose file as data: for checks, completion and hover alike. */

export type Schema =
  | { readonly kind: 'string'; readonly format?: StringFormat; readonly values?: readonly string[] }
  | { readonly kind: 'number' | 'integer' | 'boolean' | 'null' }
  | { readonly kind: 'list'; readonly item: Schema; readonly unique?: Repeated }
  | { readonly kind: 'map'; readonly fields: Fields; readonly required?: readonly string[] }
  /** Names chosen by the author. */
  | { readonly kind: 'dictionary'; readonly value: Schema; readonly names?: RegExp }
  | { readonly kind: 'choice'; readonly options: readonly Schema[] };

/** What else a string must be; checked when there is no variable in it. */
export type StringFormat =
  | 'duration'
  | 'bytes'
  | 'port'
  | 'pull-policy'
  | 'container-name'
  | 'boolean'
  | 'number'
  | 'integer'
  | 'ssh-key'
  | 'device-count';

export interface Field {
  readonly schema: Schema;
  /** One or two sentences of Markdown. */
  readonly documentation: string;
  readonly deprecated?: string;
}

export type Fields = Readonly<Record<string, Field>>;

export const string: Schema = { kind: 'string' };
export const number: Schema = { kind: 'number' };
export const integer: Schema = { kind: 'integer' };
export const boolean: Schema = { kind: 'boolean' };
export const nothing: Schema = { kind: 'null' };
export const duration: Schema = { kind: 'string', format: 'duration' };

export function choice(...options: readonly Schema[]): Schema {
  return { kind: 'choice', options };
}

export function oneOf(...values: readonly string[]): Schema {
  return { kind: 'string', values };
}

/** What Compose does with an item that stands twice: it refuses the file, or takes the item once. */
export type Repeated = 'refused' | 'taken once';

export function list(item: Schema, unique?: Repeated): Schema {
  return unique === undefined ? { kind: 'list', item } : { kind: 'list', item, unique };
}

export function map(fields: Fields, required?: readonly string[]): Schema {
  return required === undefined ? { kind: 'map', fields } : { kind: 'map', fields, required };
}

export function dictionary(value: Schema, names?: RegExp): Schema {
  return names === undefined ? { kind: 'dictionary', value } : { kind: 'dictionary', value, names };
}

export function field(schema: Schema, documentation: string, deprecated?: string): Field {
  return deprecated === undefined ? { schema, documentation } : { schema, documentation, deprecated };
}

/** Values that may be written in quotes, because they may come from a variable. */
const numberText: Schema = { kind: 'string', format: 'number' };
export const bool = choice(boolean, { kind: 'string', format: 'boolean' });
export const int = choice(integer, { kind: 'string', format: 'integer' });
export const num = choice(number, numberText);
export const bytes = choice(integer, { kind: 'string', format: 'bytes' });
export const strings = list(string, 'taken once');
export const distinctStrings = list(string, 'refused');
export const stringOrList = choice(string, strings);
/** A command: one line, which is split into words, or its words. */
export const command = choice(nothing, string, list(string));
export const scalar = choice(string, number, boolean, nothing);
/** `KEY: value` or a list of `KEY=value`. */
export const pairs = choice(dictionary(scalar), strings);
export const options = dictionary(choice(string, number));
