/**
 * An image that has nothing new but its configuration: for the classic builder it is made now, and the next time it is that
 * image again, whose cache are the images themselves. (BuildKit gives it the base's time.)
 */
import { isDeepStrictEqual } from 'node:util';
import type { OciHistory, OciImageConfig } from '#model/oci/image-config.ts';
import type { Image, NewImage } from '../images/images.ts';

export interface OwnTimes {
  /** Without times where an instruction has no layer. */
  readonly history: readonly OciHistory[];
  /** Images that are here. */
  readonly earlier: readonly Pick<Image, 'chainIds' | 'config'>[];
  /** RFC 3339 */
  readonly now: string;
}

export function withOwnTimes(made: NewImage, { history, earlier, now }: OwnTimes): NewImage {
  const dated = history.map((entry) => (entry.created === undefined ? { created: now, ...entry } : entry));
  const config = { ...made.config, created: dated.at(-1)?.created ?? now, history: dated };
  const wanted = timeless(config);
  const same = earlier.find(
    (image) => isDeepStrictEqual(image.chainIds, made.chainIds) && isDeepStrictEqual(timeless(image.config), wanted),
  );
  return { ...made, config: same?.config ?? config };
}

function timeless({ created: _created, history = [], ...config }: OciImageConfig): object {
  return { ...config, history: history.map(({ created: _time, ...entry }) => entry) };
}
