/**
 * Names of images and tags from the client, which knows engines and registries: the request `slipway/images`
 * `{ prefix: string }` is answered with `string[]`, names with or without tags. Answers are kept for a while; a source
 * that is slow, offline or fails means that nothing is offered, never that completion waits or fails.
 */
import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import type { Completion, ImageQuery } from '../language.ts';

export interface ImageSource {
  /** Resolves in time, whatever the source does. */
  names(prefix: string, token: CancellationToken): Promise<readonly string[]>;
}

const REQUEST = 'slipway/images';
const KEPT_MS = 60_000;
const PATIENCE_MS = 300;
const MOST_KEPT = 100;

interface Kept {
  readonly until: number;
  readonly names: Promise<readonly string[]>;
}

/** @param now milliseconds, of a clock that only goes forward */
export function createImageSource(
  connection: Pick<Connection, 'sendRequest' | 'console'>,
  now: () => number,
): ImageSource {
  const kept = new Map<string, Kept>();
  const ask = (prefix: string): Promise<readonly string[]> => {
    const key = queryOf(prefix);
    const known = kept.get(key);
    if (known !== undefined && known.until > now()) return known.names;
    const names = connection.sendRequest<unknown>(REQUEST, { prefix: key }).then(
      (value) => {
        const found = readNames(value);
        // No host is connected yet, say: the next question is asked anew.
        if (found.length === 0) kept.delete(key);
        return found;
      },
      (error: unknown) => {
        connection.console.warn(`${REQUEST} failed: ${error instanceof Error ? error.message : String(error)}`);
        kept.delete(key);
        return [];
      },
    );
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
    kept.set(key, { until: now() + KEPT_MS, names });
    return names;
  };
  return {
    names: (prefix, token) => before(ask(prefix), token),
  };
}

/** Letters of one name or tag are one question: the client filters what it shows by what is written. */
function queryOf(prefix: string): string {
  const colon = prefix.lastIndexOf(':');
  if (colon > prefix.lastIndexOf('/')) return prefix.slice(0, colon + 1);
  return prefix.slice(0, prefix.lastIndexOf('/') + 1);
}

function readNames(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Nothing when the source is not ready in time, or the request is cancelled: the answer is there the next time. */
async function before(names: Promise<readonly string[]>, token: CancellationToken): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const timer = setTimeout(resolve, PATIENCE_MS, []);
  const cancelled = token.onCancellationRequested(() => resolve([]));
  try {
    return await Promise.race([names, promise]);
  } finally {
    clearTimeout(timer);
    cancelled.dispose();
  }
}

/** Before the colon names are offered, behind it the tags of the name that stands there. */
export function imageCompletions({ prefix, span }: ImageQuery, names: readonly string[]): Completion[] {
  const colon = prefix.lastIndexOf(':');
  const isTag = colon > prefix.lastIndexOf('/');
  const repository = isTag ? prefix.slice(0, colon) : '';
  const found = new Set<string>();
  for (const name of names) {
    const tagAt = name.lastIndexOf(':') > name.lastIndexOf('/') ? name.lastIndexOf(':') : name.length;
    if (!isTag) found.add(name);
    else if (name.slice(0, tagAt) === repository && tagAt < name.length) found.add(name.slice(tagAt + 1));
  }
  const detail = isTag ? `tag of ${repository}` : 'image';
  return [...found].map((label) => ({ label, kind: 'reference', detail, span, text: label, rank: 1 }));
}
