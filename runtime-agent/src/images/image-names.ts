/** Tagging and untagging, with the events that go with them. */
import { EngineError } from '#model/engine-api/errors.ts';
import { DEFAULT_DOMAIN, familiarReference, type ImageReference, isTag, parseReference } from '#model/oci/reference.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Image } from './images.ts';
import type { ImageIndex } from './image-index.ts';

/** Publishes an image event with Docker's attributes: the labels, and `name`. */
export function publishImageEvent(
  events: EventLog,
  action: string,
  id: string,
  { name, image }: { readonly name: string; readonly image?: Image | undefined },
): void {
  events.publish('image', action, id, { ...image?.config.config?.Labels, name });
}

/** Gives the image the tag; a tag that was another image's moves. */
export function tagImage(
  { index, events, now }: { readonly index: ImageIndex; readonly events: EventLog; readonly now: () => Date },
  image: Image,
  reference: ImageReference,
): void {
  if (reference.digest !== undefined) throw new EngineError('invalid', 'cannot import digest reference');
  refuseAmbiguous(reference);
  index.setName(reference, image.id);
  const record = index.record(image.id);
  if (record) index.put(image.id, { ...record, lastTagTime: now().toISOString() });
  publishImageEvent(events, 'tag', image.id, { name: familiarReference(reference), image });
}

/** `repository` and `tag` as `POST /images/{name}/tag` has them; an empty tag is `latest`. */
export function tagReference(repository: string, tag: string): ImageReference {
  const reference = parseReference(repository);
  refuseAmbiguous(reference);
  if (tag === '') return { ...reference, tag: reference.tag ?? 'latest' };
  if (!isTag(tag)) throw new EngineError('invalid', 'invalid tag format');
  return parseReference(`${repository.replace(/:[^:/]*$/, '')}:${tag}`);
}

/** `sha256:abc` would be the start of an id as well. */
function refuseAmbiguous({ domain, path }: ImageReference): void {
  if (domain !== DEFAULT_DOMAIN || path !== 'library/sha256') return;
  throw new EngineError('invalid', 'refusing to create an ambiguous tag using digest algorithm as name');
}
