/** Values of configuration keys, from a file's JSON or from flags' text. Errors say what is expected, not where. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ConfigKind } from './config-keys.ts';

export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

export interface AddressPool {
  readonly base: string;
  readonly size: number;
}

export interface OciRuntimeConfig {
  readonly path: string;
  readonly args: readonly string[];
}

export type ConfigValue =
  | boolean
  | number
  | string
  | readonly string[]
  | Readonly<Record<string, string>>
  | readonly Ulimit[]
  | readonly AddressPool[]
  | Readonly<Record<string, OciRuntimeConfig>>;

const wrong = (expected: string): EngineError => new EngineError('invalid', `expected ${expected}`);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function ulimits(value: unknown): readonly Ulimit[] {
  if (!isObject(value)) throw wrong('an object such as {"nofile": {"Name": "nofile", "Soft": 1024, "Hard": 2048}}');
  return Object.entries(value).map(([name, limit]) => {
    const { Soft, Hard, Name = name } = isObject(limit) ? limit : {};
    if (!Number.isInteger(Soft) || !Number.isInteger(Hard)) throw wrong(`numbers Soft and Hard for ${name}`);
    if (Name !== name) throw wrong(`the Name ${JSON.stringify(name)}, which is its key`);
    if (Number(Hard) >= 0 && Number(Soft) > Number(Hard)) throw wrong(`a Soft limit up to the Hard one for ${name}`);
    return { Name: name, Soft: Number(Soft), Hard: Number(Hard) };
  });
}

function pools(value: unknown): readonly AddressPool[] {
  if (!Array.isArray(value)) throw wrong('a list such as [{"base": "10.10.0.0/16", "size": 24}]');
  return value.map((pool: unknown) => {
    const { base, size } = isObject(pool) ? pool : {};
    const [, address = '', bits = ''] = /^([\d.]+|[\da-f:]+)\/(\d+)$/i.exec(String(base)) ?? [];
    const most = address.includes(':') ? 128 : 32;
    if (address === '' || Number(bits) > most) throw wrong(`a base such as 10.10.0.0/16, not ${JSON.stringify(base)}`);
    if (!Number.isInteger(size) || Number(size) < Number(bits) || Number(size) > most) {
      throw wrong(`a size from ${bits} to ${most} for ${String(base)}, not ${JSON.stringify(size)}`);
    }
    return { base: String(base), size: Number(size) };
  });
}

function runtimes(value: unknown): Readonly<Record<string, OciRuntimeConfig>> {
  if (!isObject(value)) throw wrong('an object such as {"crun": {"path": "/usr/bin/crun"}}');
  return Object.fromEntries(
    Object.entries(value).map(([name, runtime]) => {
      const { path = name, runtimeArgs = [], ...others } = isObject(runtime) ? runtime : { path: undefined };
      if (typeof path !== 'string' || !isStrings(runtimeArgs)) throw wrong(`a path and runtimeArgs for ${name}`);
      const other = Object.keys(others)[0];
      if (other !== undefined) throw new EngineError('invalid', `${name}: ${other} is not supported by this engine`);
      return [name, { path, args: runtimeArgs }];
    }),
  );
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Checks what a configuration file has for a key. Throws EngineError('invalid'). */
export function configValue(kind: ConfigKind, value: unknown): ConfigValue {
  switch (kind) {
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong('true or false');
      return value;
    case 'string':
      if (typeof value !== 'string') throw wrong('a string');
      return value;
    case 'integer':
      if (!Number.isInteger(value)) throw wrong('a whole number');
      return Number(value);
    case 'list':
      if (!isStrings(value)) throw wrong('a list of strings');
      return value;
    case 'map':
      if (!isObject(value) || !isStrings(Object.values(value))) throw wrong('an object of strings');
      return value as Record<string, string>;
    case 'ulimits':
      return ulimits(value);
    case 'pools':
      return pools(value);
    case 'runtimes':
      return runtimes(value);
  }
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw wrong('NAME=VALUE');
  return [text.slice(0, at), text.slice(at + 1)];
}

function ulimitOf(text: string): readonly [string, unknown] {
  const [name, value] = pair(text);
  const [soft = '', hard = soft] = value.split(':');
  return [name, { Name: name, Soft: Number(soft), Hard: Number(hard) }];
}

function poolOf(text: string): unknown {
  const { base, size } = Object.fromEntries(text.split(',').map(pair));
  return { base, size: Number(size) };
}

/** The same from the values that a flag was given on the command line. */
export function flagValue(kind: ConfigKind, texts: readonly string[]): ConfigValue {
  const text = texts.at(-1) ?? '';
  switch (kind) {
    case 'boolean':
      if (/^(true|1|t)$/i.test(text)) return true;
      if (/^(false|0|f)$/i.test(text)) return false;
      throw wrong('true or false');
    case 'integer':
      return configValue(kind, text.trim() === '' ? Number.NaN : Number(text));
    case 'string':
      return text;
    case 'list':
      return [...texts];
    case 'map':
      return Object.fromEntries(texts.map(pair));
    case 'ulimits':
      return ulimits(Object.fromEntries(texts.map(ulimitOf)));
    case 'pools':
      return pools(texts.map(poolOf));
    case 'runtimes':
      return runtimes(Object.fromEntries(texts.map(pair).map(([name, path]) => [name, { path }])));
  }
}
