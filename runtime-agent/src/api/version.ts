import { EngineError } from '#model/engine-api/errors.ts';

export const API_VERSION = '1.51';
export const MIN_API_VERSION = '1.24';
export const ENGINE_VERSION = '28.5.2';

/** Splits `/v1.41/containers/json` into version and path; throws Docker's errors for versions out of range. */
export function splitVersion(path: string): { readonly apiVersion: string; readonly path: string } {
  const match = /^\/v(\d+)\.(\d+)(\/.*)$/.exec(path);
  if (!match) return { apiVersion: API_VERSION, path };
  const apiVersion = `${match[1]}.${match[2]}`;
  if (compareVersions(apiVersion, API_VERSION) > 0) {
    const text = `client version ${apiVersion} is too new. Maximum supported API version is ${API_VERSION}`;
    throw new EngineError('invalid', text);
  }
  if (compareVersions(apiVersion, MIN_API_VERSION) < 0) {
    throw new EngineError(
      'invalid',
      `client version ${apiVersion} is too old. Minimum supported API version is ${MIN_API_VERSION}, please upgrade your client to a newer version`,
    );
  }
  return { apiVersion, path: match[3] ?? '/' };
}

/** Negative when a < b; both are `major.minor`. */
export function compareVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}
