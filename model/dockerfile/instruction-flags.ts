/** The flags that each instruction knows, checked and read in BuildKit's way and words. */
import { suggest } from '../text/suggest.ts';
import type { Flag, Instruction } from './syntax/tree.ts';
import { expandText } from './expand.ts';
import { readsNoFlags } from './reads-no-flags.ts';

type FlagType = 'string' | 'list' | 'boolean';

const ADD_OR_COPY: Readonly<Record<string, FlagType>> = {
  chown: 'string',
  chmod: 'string',
  link: 'boolean',
  exclude: 'list',
};

const KNOWN: Readonly<Record<string, Readonly<Record<string, FlagType>>>> = {
  FROM: { platform: 'string' },
  RUN: { mount: 'list', network: 'string', security: 'string', device: 'list' },
  COPY: { from: 'string', ...ADD_OR_COPY, parents: 'boolean' },
  ADD: {
    ...ADD_OR_COPY,
    checksum: 'string',
    'keep-git-dir': 'boolean',
    unpack: 'boolean',
  },
  HEALTHCHECK: {
    interval: 'string',
    timeout: 'string',
    'start-period': 'string',
    'start-interval': 'string',
    retries: 'string',
  },
};

export interface InstructionFlags {
  string(name: string): string | undefined;
  list(name: string): readonly string[];
  /** Undefined when the flag is not there. */
  boolean(name: string): boolean | undefined;
}

export type FlagsChecked =
  | { readonly flags: InstructionFlags; readonly error?: undefined }
  | { readonly error: string; readonly flag: Flag };

export function checkFlags(instruction: Instruction): FlagsChecked {
  const known = KNOWN[instruction.keyword] ?? {};
  const strings = new Map<string, string>();
  const lists = new Map<string, string[]>();
  const booleans = new Map<string, boolean>();
  for (const flag of readsNoFlags(instruction) ? [] : instruction.flags) {
    const fail = (error: string): FlagsChecked => ({ error, flag });
    const type = Object.hasOwn(known, flag.name) ? known[flag.name] : undefined;
    if (type === undefined) {
      const near = suggest(flag.name, Object.keys(known), true);
      return fail(`unknown flag: --${flag.name}${near === undefined ? '' : ` (did you mean ${near}?)`}`);
    }
    if (strings.has(flag.name) || booleans.has(flag.name)) return fail(`duplicate flag specified: --${flag.name}`);
    const value = flag.value === undefined ? undefined : unquote(flag.value);
    if (value === undefined && type !== 'boolean') return fail(`missing a value on flag: --${flag.name}`);
    if (type === 'string') strings.set(flag.name, value ?? '');
    else if (type === 'list') lists.set(flag.name, [...(lists.get(flag.name) ?? []), value ?? '']);
    else {
      const word = (value ?? 'true').toLowerCase();
      if (word !== 'true' && word !== 'false') {
        return fail(`expecting boolean value for flag --${flag.name}, not: ${word}`);
      }
      booleans.set(flag.name, word === 'true');
    }
  }
  const flags: InstructionFlags = {
    string: (name) => strings.get(name),
    list: (name) => lists.get(name) ?? [],
    boolean: (name) => booleans.get(name),
  };
  return { flags };
}

/** Quotes go and a backslash escapes; `$` stays for the expansion that follows. */
function unquote(text: string): string {
  return expandText(text.replaceAll('$', '\\$'), () => undefined).value;
}
