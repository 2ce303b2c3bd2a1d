/** The images that a build stands on: here already, or pulled. */
import { DEFAULT_DOMAIN, familiarReference, parseReference, withDefaultTag } from '#model/oci/reference.ts';
import { parsePlatform, type Platform, platformMatches } from '#model/oci/platform.ts';
import type { Image, Images, PullProgress, RegistryCredentials } from '../images/images.ts';

export interface BaseImageOptions {
  readonly images: Pick<Images, 'find' | 'pull'>;
  /** Of this machine. */
  readonly host: Platform;
  /** For images whose FROM names none. */
  readonly platform: string | undefined;
  readonly alwaysPull: boolean;
  /** A short id names an image too, as to the classic builder. */
  readonly byShortId: boolean;
  readonly credentials: Readonly<Record<string, RegistryCredentials>>;
  readonly login?: ((registry: string) => Promise<RegistryCredentials | undefined>) | undefined;
  readonly progress: PullProgress;
  readonly signal: AbortSignal;
}

export type FetchImage = (reference: string, platform: string | undefined) => Promise<Image>;

export function baseImages(options: BaseImageOptions): FetchImage {
  const { images, host, alwaysPull, credentials, progress, signal } = options;
  return async (reference, ownPlatform) => {
    const wanted = ownPlatform ?? options.platform;
    const found = images.find(reference);
    const isId = found !== undefined && isIdOf(found, reference);
    const known = isId && !options.byShortId && !WHOLE_ID.test(reference) ? undefined : found;
    const fits =
      known !== undefined && (wanted === undefined || platformMatches(known.config, parsePlatform(wanted, host)));
    if (known !== undefined && fits && (isId || !alwaysPull)) return known;
    const login = credentialsFor(reference, credentials) ?? (await options.login?.(parseReference(reference).domain));
    return images.pull({
      reference,
      progress,
      signal,
      ...(wanted === undefined ? {} : { platform: wanted }),
      ...(login === undefined ? {} : { credentials: login }),
    });
  };
}

const SOME_ID = /^(sha256:)?[0-9a-f]+$/;
const WHOLE_ID = /^(sha256:)?[0-9a-f]{64}$/;

/** A name may look like the start of an id. */
function isIdOf({ id, repoTags }: Image, reference: string): boolean {
  if (WHOLE_ID.test(reference)) return true;
  if (!SOME_ID.test(reference) || !id.startsWith(`sha256:${reference.replace('sha256:', '')}`)) return false;
  return !repoTags.includes(familiarReference(withDefaultTag(parseReference(reference))));
}

/** X-Registry-Config's keys are host names, or addresses as `docker login` keeps them. */
export function credentialsFor(
  reference: string,
  credentials: Readonly<Record<string, RegistryCredentials>>,
): RegistryCredentials | undefined {
  const { domain } = parseReference(reference);
  const names = domain === DEFAULT_DOMAIN ? [DEFAULT_DOMAIN, 'index.docker.io', 'registry-1.docker.io'] : [domain];
  const found = Object.entries(credentials).find(([key]) =>
    names.includes(key.replace(/^https?:\/\//, '').split('/')[0] ?? ''),
  );
  return found?.[1];
}
