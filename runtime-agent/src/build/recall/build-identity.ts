/** What decides, beside the state of the engine, what a build comes to. */
import { createHash } from 'node:crypto';
import type { BuildRequest } from '../request.ts';

/**
 * What each part of a request means to a build that finds everything here and does nothing:
 * - `decides`: another value may be another outcome
 * - `apart`: who asks, who is told, and what only steps and pulls need
 * - `outside`: what it names lies elsewhere, and may be another thing the next time
 */
const PARTS: Readonly<Record<keyof Required<BuildRequest>, 'decides' | 'apart' | 'outside'>> = {
  context: 'apart', // its bytes decide
  remote: 'outside',
  files: 'outside',
  dockerfileFrom: 'outside',
  dockerfile: 'decides',
  tags: 'decides',
  buildArgs: 'decides',
  unsetArguments: 'decides',
  labels: 'decides',
  target: 'decides',
  platform: 'decides',
  ignoreCache: 'outside',
  pull: 'outside',
  networkMode: 'decides',
  hostConfig: 'decides',
  credentials: 'apart',
  login: 'apart',
  client: 'apart',
  allowInsecure: 'decides',
  allowHostNetwork: 'decides',
  secrets: 'outside',
  agents: 'outside',
  contexts: 'outside',
  given: 'outside',
  ignoreCacheOf: 'outside',
  cacheFrom: 'outside',
  cacheTo: 'outside',
  outputs: 'outside',
  rewriteTimes: 'outside',
  asClassic: 'decides',
  keepContainers: 'decides',
  squash: 'outside',
  keepImage: 'decides',
  onEvent: 'apart',
  watch: 'outside',
  signal: 'apart',
};

type Part = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Part[];
const DECIDING = NAMES.filter((name) => PARTS[name] === 'decides').sort();
const OUTSIDE = NAMES.filter((name) => PARTS[name] === 'outside');

/** Whether its context and the engine's state say all. */
export function isSelfContained(request: BuildRequest): boolean {
  return request.context !== undefined && OUTSIDE.every((name) => isNothing(request[name]));
}

function isNothing(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === false || value === '';
}

/** @param context its bytes as they came. Equal for two builds only if they ask for the same. */
export function identityOf(request: BuildRequest, context: Uint8Array): string {
  const decides = JSON.stringify(DECIDING.map((name) => request[name] ?? null));
  return createHash('sha256').update(`${decides}\n`).update(context).digest('base64');
}
