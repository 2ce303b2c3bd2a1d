/**
 * Content-addressed blobs in an OCI image layout (image-spec image-layout.md): `<root>/blobs/<algorithm>/<hex>`. A blob is
 * visible only when all its bytes are here and its digest is right.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { type Digest, type DigestAlgorithm, digestAlgorithm, digestHex } from '#model/oci/digest.ts';
import { type Ingest, openIngest, sweepIngests } from './ingest.ts';

export interface Content {
  has(digest: Digest): boolean;
  /** Bytes; undefined when there is no such blob. */
  size(digest: Digest): number | undefined;
  /** The whole blob, for manifests and configurations. Throws EngineError('not-found'). */
  read(digest: Digest): Promise<Buffer>;
  /** Throws EngineError('not-found') when there is no such blob. */
  stream(digest: Digest): Readable;
  /** Stores bytes that are in memory. */
  write(bytes: Uint8Array): Promise<Digest>;
  /** Starts, or goes on with, the blob of that digest: bytes kept from an interrupted run are offered by the ingest. */
  ingest(digest: Digest): Promise<Ingest>;
  /** At once: nothing else can come between this and what the caller does next. */
  delete(digest: Digest): void;
  /** Deletes blobs that are not used and older than that. */
  sweep(used: ReadonlySet<string>, olderThanMs: number): void;
}

const ALGORITHMS: readonly DigestAlgorithm[] = ['sha256', 'sha384', 'sha512'];

/** @param root absolute directory, made when missing; what an earlier engine left half-made is swept */
export function openContent(root: string): Content {
  const blobs = path.join(root, 'blobs');
  const ingests = path.join(root, 'ingest');
  for (const algorithm of ALGORITHMS) mkdirSync(path.join(blobs, algorithm), { recursive: true, mode: 0o711 });
  mkdirSync(ingests, { recursive: true, mode: 0o700 });
  const layout = path.join(root, 'oci-layout');
  if (!existsSync(layout)) writeFileSync(layout, '{"imageLayoutVersion":"1.0.0"}');
  sweepIngests(ingests);
  const file = (digest: Digest): string => path.join(blobs, digestAlgorithm(digest), digestHex(digest));
  const missing = (digest: Digest): EngineError =>
    new EngineError('not-found', `blob ${digest} is not in the content store`);
  const open = (digest: Digest): Promise<Ingest> => openIngest({ digest, directory: ingests, target: file(digest) });
  return {
    has: (digest) => existsSync(file(digest)),
    size: (digest) => statSync(file(digest), { throwIfNoEntry: false })?.size,
    read: (digest) =>
      readFile(file(digest)).catch((error: unknown) => {
        throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? missing(digest) : error;
      }),
    stream(digest) {
      if (!existsSync(file(digest))) throw missing(digest);
      return createReadStream(file(digest), { highWaterMark: 1 << 18 });
    },
    async write(bytes) {
      const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      if (existsSync(file(digest))) return digest;
      const temporary = path.join(ingests, `${randomUUID()}.tmp`);
      try {
        await writeFile(temporary, bytes, { flush: true });
        await rename(temporary, file(digest));
      } finally {
        await rm(temporary, { force: true });
      }
      return digest;
    },
    ingest: open,
    delete: (digest) => rmSync(file(digest), { force: true }),
    sweep(used, olderThanMs) {
      for (const digest of ALGORITHMS.flatMap((name) =>
        readdirSync(path.join(blobs, name)).map((hex) => `${name}:${hex}` as const),
      )) {
        const { mtimeMs = Date.now() } = statSync(file(digest), { throwIfNoEntry: false }) ?? {};
        if (!used.has(digest) && mtimeMs < Date.now() - olderThanMs) rmSync(file(digest), { force: true });
      }
    },
  };
}
