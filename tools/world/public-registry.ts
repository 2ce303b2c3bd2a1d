/** Whether images can come from where `FROM node:20-slim` says. */

const DEFAULT_REGISTRY = 'https://registry-1.docker.io/v2/';

/** An answer of any kind counts, 401 is the usual one. @param url for tests */
export async function answersPublicRegistry(timeoutMs: number, url = DEFAULT_REGISTRY): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).then(
    (response) => response.status === 200 || response.status === 401,
    () => false,
  );
}
