/** Build arguments: what the user gave, what the platforms say, and what the Dockerfile declares globally. */
import { EngineError } from '#model/engine-api/errors.ts';
import { expandText, type Lookup } from '#model/dockerfile/expand.ts';
import type { StagedDockerfile, Step } from '#model/dockerfile/stages.ts';
import { formatPlatform, type Platform } from '#model/oci/platform.ts';
import { failedAt } from '../failure-cause.ts';

/** Usable in RUN without ARG, and never part of the cache's key (Dockerfile reference, "Predefined ARGs"). */
const PROXIES: readonly string[] = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap(
  (name) => [name, name.toLowerCase()],
);

export interface BuildArguments {
  /** Values given with `--build-arg`. */
  readonly given: Readonly<Record<string, string>>;
  /** ARG instructions before the first FROM, and the platforms. */
  readonly globals: ReadonlyMap<string, string | undefined>;
  /** Arguments given that no ARG has asked for so far. @param unset names that were given without a value */
  unused(unset?: readonly string[]): string[];
  /** The value that an `ARG name=fallback` in a stage gets; the fallback is not looked at when another is given. */
  declare(name: string, fallback: (() => string) | undefined): string | undefined;
  /** Proxies given, for the environment of RUN. */
  readonly proxies: Readonly<Record<string, string>>;
}

export interface ArgumentSources {
  readonly given: Readonly<Record<string, string>>;
  readonly dockerfile: StagedDockerfile;
  readonly buildPlatform: Platform;
  readonly targetPlatform: Platform;
  readonly targetStage: string;
}

/** Throws EngineError('invalid') when the global arguments cannot be expanded. */
export function buildArguments({ given, dockerfile, ...sources }: ArgumentSources): BuildArguments {
  const used = new Set<string>();
  const globals = new Map<string, string | undefined>(Object.entries(platformArguments(sources)));
  const take = (name: string): string | undefined => {
    used.add(name);
    return Object.hasOwn(given, name) ? given[name] : undefined;
  };
  const expandGlobal = (text: string, { span }: Step): string => {
    try {
      return expand(text, (key) => globals.get(key), dockerfile.escape);
    } catch (error) {
      throw span === undefined ? error : failedAt(error, span);
    }
  };
  for (const step of dockerfile.globals) {
    if (step.command.kind !== 'ARG') continue;
    for (const { name, value } of step.command.args) {
      const fallback = (): string | undefined => (value === undefined ? globals.get(name) : expandGlobal(value, step));
      globals.set(name, take(name) ?? fallback());
    }
  }
  return {
    given,
    globals,
    unused: (unset = []) =>
      [...Object.keys(given), ...unset]
        .filter((name) => !used.has(name) && !PROXIES.includes(name) && !isReserved(name))
        .sort(),
    declare: (name, fallback) => take(name) ?? fallback?.() ?? globals.get(name),
    proxies: Object.fromEntries(Object.entries(given).filter(([name]) => PROXIES.includes(name))),
  };
}

/** Of the builder itself, never declared. */
function isReserved(name: string): boolean {
  return name.startsWith('BUILDKIT_') || name === 'SOURCE_DATE_EPOCH';
}

function platformArguments({
  buildPlatform,
  targetPlatform,
  targetStage,
}: Pick<ArgumentSources, 'buildPlatform' | 'targetPlatform' | 'targetStage'>): Record<string, string> {
  const of = (prefix: string, platform: Platform): Record<string, string> => ({
    [`${prefix}PLATFORM`]: formatPlatform(platform),
    [`${prefix}OS`]: platform.os,
    [`${prefix}ARCH`]: platform.architecture,
    [`${prefix}VARIANT`]: platform.variant ?? '',
  });
  return { ...of('BUILD', buildPlatform), ...of('TARGET', targetPlatform), TARGETSTAGE: targetStage };
}

/** expandText, with its error thrown as EngineError('invalid'). */
export function expand(text: string, lookup: Lookup, escape: '\\' | '`'): string {
  const { value, error } = expandText(text, lookup, { escape });
  if (error !== undefined) throw new EngineError('invalid', `failed to process ${JSON.stringify(text)}: ${error}`);
  return value;
}
