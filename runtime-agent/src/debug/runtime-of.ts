/** Which language runtime a process is, from what /proc says about it. */
import { posix } from 'node:path';
import type { Runtime } from '#model/slipway-api/debug.ts';

export interface RuntimeTraits {
  readonly exe: string;
  readonly argv: readonly string[];
  /** Names of the mapped files, without folders. Asked for only when the names do not tell. */
  readonly libraries: readonly string[];
  /** The executable has a Go build record. */
  readonly goBinary: boolean;
}

const BY_NAME: readonly (readonly [RegExp, Runtime])[] = [
  [/^node(js)?(-?\d+)?$/, 'node'],
  [/^(python|pypy)[\d.]*$/, 'python'],
  [/^(java|javaw)$/, 'java'],
  [/^dotnet$/, 'dotnet'],
];
const BY_LIBRARY: readonly (readonly [RegExp, Runtime])[] = [
  [/^libcoreclr\.so/, 'dotnet'],
  [/^libjvm\.so/, 'java'],
  [/^libpython\d/, 'python'],
  [/^libnode\.so/, 'node'],
];

export function runtimeByName({ exe, argv }: Pick<RuntimeTraits, 'exe' | 'argv'>): Runtime | undefined {
  const names = [posix.basename(exe), posix.basename((argv[0] ?? '').split(' ')[0] ?? '')];
  // the executable's own name counts first: argv[0] may be anything
  return names.map((name) => BY_NAME.find(([pattern]) => pattern.test(name))?.[1]).find((one) => one !== undefined);
}

export function runtimeOf(traits: RuntimeTraits): Runtime | undefined {
  const named = runtimeByName(traits);
  if (named !== undefined) return named;
  for (const [pattern, runtime] of BY_LIBRARY) {
    if (traits.libraries.some((library) => pattern.test(library))) return runtime;
  }
  return traits.goBinary ? 'go' : undefined;
}

/** Names of the files that /proc/PID/maps lists, each once. */
export function mappedLibraries(maps: string): string[] {
  const names = new Set<string>();
  for (const [, file] of maps.matchAll(/^\S+ \S+ \S+ \S+ \d+ +(\/.*)$/gm)) names.add(posix.basename(file ?? ''));
  return [...names];
}
