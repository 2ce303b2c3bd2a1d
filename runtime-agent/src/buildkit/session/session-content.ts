/** Blobs of OCI layouts that the client has beside it: containerd's content service, which the client serves in its session. */
import { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { ReadContentRequest, ReadContentResponse } from '../messages/history.ts';
import type { ClientSession } from './sessions.ts';

const READ = '/containerd.services.content.v1.Content/Read';
/** The header that says which of the client's layouts (session/content of moby/buildkit). */
const STORE = 'buildkit-attachable-store-id';
/** What the name of a cache in a folder begins with; its path follows. */
export const LOCAL_CACHE = 'local:';
const BLOB = /^blobs\/([a-z0-9]+)\/([0-9a-f]+)$/;

/**
 * @param store the client's name for the layout: `oci:…` of a context, `local:…` of a cache
 * @param file in the layout. Only blobs can be had: clients find out themselves what a tag means
 */
export async function sessionContent(
  { client, serves }: ClientSession,
  store: string,
  file: string,
  signal: AbortSignal,
): Promise<Readable> {
  const [, algorithm, hex] = BLOB.exec(file) ?? [];
  if (hex === undefined || !serves(READ)) throw new EngineError('not-found', `the client has no ${file} of ${store}`);
  const stream = client.stream(READ, [ReadContentRequest, ReadContentResponse], {
    headers: { [STORE]: store },
    signal,
  });
  await stream.send({ digest: `${algorithm}:${hex}` });
  stream.end();
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for await (const { data } of stream.answers) yield data;
  };
  return Readable.from(pieces(), { objectMode: false });
}
