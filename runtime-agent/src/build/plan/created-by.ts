/** History lines (`docker history`, "CREATED BY"), in the form that BuildKit gave them and scanners read. */
import type { HealthcheckCommand } from '#model/dockerfile/commands.ts';
import { formatDuration } from '#model/dockerfile/duration.ts';
import type { OciHealthcheck } from '#model/oci/image-config.ts';

export const HISTORY_COMMENT = 'buildkit.dockerfile.v0';
const FILES_MARK = ' # buildkit';

/** Go's `%q` of a list of strings. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}

export function pairsLine(keyword: string, pairs: readonly (readonly [string, string])[]): string {
  return [keyword, ...pairs.map(([name, value]) => `${name}=${value}`)].join(' ');
}

/** @param args declared arguments, with the values that the command sees */
export function runLine(args: ReadonlyMap<string, string>, argv: readonly string[]): string {
  const given = [...args].map(([name, value]) => `${name}=${value}`);
  const declared = given.length === 0 ? [] : [`|${given.length}`, ...given];
  return `${['RUN', ...declared, ...argv].join(' ')}${FILES_MARK}`;
}

export interface CopyWords {
  readonly keyword: 'COPY' | 'ADD';
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  readonly sources: readonly string[];
  readonly destination: string;
}

export function copyLine({ keyword, chown, chmod, sources, destination }: CopyWords): string {
  const flags = [...(chown ? [`--chown=${chown}`] : []), ...(chmod ? [`--chmod=${chmod}`] : [])];
  return `${[keyword, ...flags, ...sources, destination].join(' ')}${FILES_MARK}`;
}

export function healthcheckLine(command: HealthcheckCommand, check: OciHealthcheck): string {
  const { interval, timeout, startPeriod, startInterval, retries = 0 } = command;
  const times = [interval, timeout, startPeriod, startInterval]
    .map((time = 0) => `"${formatDuration(time)}"`)
    .join(' ');
  return `HEALTHCHECK &{${quotedList(check.Test ?? [])} ${times} '\\x${retries.toString(16).padStart(2, '0')}'}`;
}
