import { EngineError } from '#model/engine-api/errors.ts';

export const API_VERSION = '1.51';
export const MIN_API_VERSION = '1.24';

/** Splits `/v1.41/containers/json` into version and path; throws Docker's errors for versions out of range. */
export function splitVersion(path: string): { readonly apiVersion: string; readonly path: string } {
  const match = /^\/v([\d.]+)(\/.*)$/.exec(path);
  if (!match) return { apiVersion: API_VERSION, path };
  const [, apiVersion = '', resource = '/'] = match;
  const refuse = (why: string): never => {
    throw new EngineError('invalid', `client version ${apiVersion} is ${why}`);
  };
  if (compareVersions(apiVersion, API_VERSION) > 0) {
    refuse(`too new. Maximum supported API version is ${API_VERSION}`);
  }
  if (compareVersions(apiVersion, MIN_API_VERSION) < 0) {
    const minimum = `Minimum supported API version is ${MIN_API_VERSION}`;
    refuse(`too old. ${minimum}, please upgrade your client to a newer version`);
  }
  return { apiVersion, path: resource };
}

/** Negative when a < b. Parts that are missing are 0, as are those that are no numbers. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] || 0) - (right[i] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether a client speaks an older version of the API than the one it is asked about. */
export type Before = (version: string) => boolean;

export const olderThan =
  (apiVersion: string): Before =>
  (version) =>
    compareVersions(apiVersion, version) < 0;
