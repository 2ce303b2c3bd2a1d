/** A cache in a folder of the client: an OCI layout (image-spec image-layout.md) that may hold several, each under its tag. */
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';

const FILES = /^(index\.json|blobs\/sha256\/[0-9a-f]{64})$/;

/** @param name `NAME/PATH` as the engine asks for it: files of a layout only */
export function openCacheFile(folders: ReadonlyMap<string, string>, name: string): Readable {
  const slash = name.indexOf('/');
  const folder = folders.get(name.slice(0, slash));
  const file = name.slice(slash + 1);
  if (folder === undefined || !FILES.test(file) || !existsSync(path.join(folder, file)))
    throw new EngineError('not-found', `there is no file ${file} in the cache`);
  return createReadStream(path.join(folder, file));
}

interface Index {
  readonly manifests?: readonly { readonly annotations?: Readonly<Record<string, string>> }[];
}

const tagOf = (entry: NonNullable<Index['manifests']>[number]): string | undefined =>
  entry.annotations?.['org.opencontainers.image.ref.name'];

/** Unpacks what the engine sends; caches under other tags stay. @param unpack into the folder */
export async function takeCache(folder: string, unpack: () => Promise<void>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const index = path.join(folder, 'index.json');
  const before = existsSync(index) ? (JSON.parse(readFileSync(index, 'utf8')) as Index) : {};
  await unpack();
  const now = JSON.parse(readFileSync(index, 'utf8')) as Index;
  const tags = new Set(now.manifests?.map(tagOf));
  const kept = (before.manifests ?? []).filter((entry) => !tags.has(tagOf(entry)));
  if (kept.length === 0) return;
  writeFileSync(`${index}.new`, JSON.stringify({ ...now, manifests: [...(now.manifests ?? []), ...kept] }));
  renameSync(`${index}.new`, index);
}
