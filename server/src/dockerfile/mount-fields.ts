/** The `key=value` fields of `RUN --mount`, each with its place. */
import type { Flag } from '#model/dockerfile/syntax/tree.ts';
import { type Span, spanOf } from '#model/text/span.ts';

export interface MountField {
  /** Lower case. */
  readonly key: string;
  readonly keySpan: Span;
  readonly value: string | undefined;
  readonly valueSpan: Span | undefined;
}

const TARGET = 'Path in the container.';
const ALIAS_TARGET = 'Same as `target`.';
const SOURCE = 'Path in the context, stage or image. Default: its root.';
const FROM = 'Stage, image or named context to take the files from. Default: the build context.';
const OWNERSHIP: readonly (readonly [string, string])[] = [
  ['mode', 'Permissions, octal.'],
  ['uid', 'User id of the owner. Default: `0`.'],
  ['gid', 'Group id of the owner. Default: `0`.'],
];
const TARGETS: readonly (readonly [string, string])[] = [
  ['target', TARGET],
  ['dst', ALIAS_TARGET],
  ['destination', ALIAS_TARGET],
];
const ORIGIN: readonly (readonly [string, string])[] = [
  ['source', SOURCE],
  ['src', 'Same as `source`.'],
  ['from', FROM],
];
const ACCESS: readonly (readonly [string, string])[] = [
  ['readwrite', 'Allow writes; they are thrown away after a bind mount.'],
  ['rw', 'Same as `readwrite`.'],
  ['readonly', 'Allow no writes.'],
  ['ro', 'Same as `readonly`.'],
];
const SECRET: readonly (readonly [string, string])[] = [
  ['id', 'Name under which `docker build` was given it.'],
  ['required', 'Fail when it was not given. Default: `false`.'],
  ...TARGETS,
  ...OWNERSHIP,
];

/** Mount type -> its keys with what they mean. */
export const MOUNT_KEYS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['bind', new Map([...TARGETS, ...ORIGIN, ...ACCESS])],
  [
    'cache',
    new Map([
      ...TARGETS,
      ['id', 'Name of the cache. Default: the target.'],
      ['sharing', 'How builds at the same time use it: `shared`, `private` or `locked`.'],
      ...ORIGIN,
      ...ACCESS,
      ...OWNERSHIP,
    ]),
  ],
  ['tmpfs', new Map([...TARGETS, ['size', 'Upper limit, for example `64m`.']])],
  [
    'secret',
    new Map([
      ...SECRET,
      ['src', 'Same as `id`.'],
      ['source', 'Same as `id`.'],
      ['env', 'Environment variable that gets the secret, in place of or beside the file.'],
    ]),
  ],
  ['ssh', new Map(SECRET)],
]);

export function mountFields({ value, valueSpan }: Flag): MountField[] {
  const fields: MountField[] = [];
  if (value === undefined || valueSpan === undefined) return fields;
  let at = valueSpan.start;
  for (const part of value.split(',')) {
    const text = part.replace(/^"/, '');
    const start = at + (part.length - text.length);
    const equals = text.indexOf('=');
    const keyEnd = equals === -1 ? text.length : equals;
    const rest = equals === -1 ? undefined : text.slice(equals + 1).replace(/"$/, '');
    fields.push({
      key: text.slice(0, keyEnd).toLowerCase(),
      keySpan: spanOf(start, start + keyEnd),
      value: rest,
      valueSpan: rest === undefined ? undefined : spanOf(start + equals + 1, start + equals + 1 + rest.length),
    });
    at += part.length + 1;
  }
  return fields;
}
