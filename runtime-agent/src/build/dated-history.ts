/**
 * When things were made, as BuildKit writes it: a layer has its time, an instruction without a layer that of the layer
 * before it, and those before the first new layer have that one's. So an image that differs from another in nothing has its
 * id too, whenever it was built.
 */
import type { OciHistory } from '#model/oci/image-config.ts';

/** @param epoch RFC 3339; nothing is younger (reproducible-builds.org, SOURCE_DATE_EPOCH) */
export function datedHistory(history: readonly OciHistory[], epoch: string | undefined): OciHistory[] {
  let created = firstNewTime(history);
  let afterNone = false;
  return history.map((entry) => {
    if (entry.created === undefined) afterNone = true;
    else if (afterNone) created = entry.created;
    const own = clamped(entry.created ?? created, epoch);
    return own === undefined ? entry : { created: own, ...without(entry) };
  });
}

/** Of the first layer that follows something without a time; if there is none, the last time that is known. */
function firstNewTime(history: readonly OciHistory[]): string | undefined {
  let found: string | undefined;
  let afterNone = false;
  for (const { created } of history) {
    if (created === undefined) afterNone = true;
    else {
      found = created;
      if (afterNone) break;
    }
  }
  return found;
}

function clamped(time: string | undefined, epoch: string | undefined): string | undefined {
  if (epoch === undefined) return time;
  return time === undefined || Date.parse(time) > Date.parse(epoch) ? epoch : time;
}

function without({ created: _created, ...entry }: OciHistory): OciHistory {
  return entry;
}
