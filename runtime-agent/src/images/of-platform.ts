import { EngineError } from '#model/engine-api/errors.ts';
import { formatPlatform, type Platform, platformMatches } from '#model/oci/platform.ts';
import type { Image } from './images.ts';

/**
 * The image, where it is for that platform, or none is wanted.
 * @param shown the name that was asked for. Throws EngineError('not-found') in Docker's words.
 */
export function ofPlatform(image: Image, wanted: Platform | undefined, shown: string): Image {
  if (wanted === undefined || platformMatches(image.config, wanted)) return image;
  const [is, asked] = [formatPlatform(image.config), formatPlatform(wanted)];
  const text = `image with reference ${shown} was found but its platform (${is}) does not match the specified platform (${asked})`;
  throw new EngineError('not-found', text);
}
