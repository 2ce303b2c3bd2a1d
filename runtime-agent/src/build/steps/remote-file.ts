/** A file that ADD takes from an http(s) address. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import { getFile, shownAddress } from '../../registry/get-file.ts';
import type { Transport } from '../../registry/transport.ts';
import type { LooseFile } from '../files/loose-files.ts';

export interface DownloadOptions {
  readonly transport: Transport;
  /** Where the file goes. */
  readonly folder: string;
  readonly checksum: string | undefined;
  readonly signal: AbortSignal;
}

/** BuildKit's, for an address without any. */
const UNNAMED = '__unnamed__';

/** Throws EngineError('invalid') when it cannot be had, or is not what `checksum` says. */
export async function download(
  address: string,
  { transport, folder, checksum, signal }: DownloadOptions,
): Promise<LooseFile> {
  if (checksum !== undefined && !checksum.startsWith('sha256:')) {
    throw new EngineError('invalid', `unsupported digest algorithm of --checksum=${checksum}: give sha256:…`);
  }
  const { body, headers } = await getFile(transport, address, signal);
  const shown = shownAddress(address);
  const file = path.join(folder, createHash('sha256').update(address).digest('hex'));
  const hash = createHash('sha256');
  body.on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(body, createWriteStream(file), { signal }).catch((error: NodeJS.ErrnoException) => {
    signal.throwIfAborted();
    if (error.syscall !== undefined && error.code !== 'ECONNRESET') throw error; // of writing the file: a full disk
    throw new EngineError('invalid', `failed to get ${shown}: the connection broke`, { cause: error });
  });
  const digest = hash.digest('hex');
  if (checksum !== undefined && checksum !== `sha256:${digest}`) {
    throw new EngineError('invalid', `digest mismatch for ${shown}: sha256:${digest} (expected: ${checksum})`);
  }
  const modified = Date.parse(headers['last-modified'] ?? '');
  const mtime = Number.isNaN(modified) ? 0 : modified / 1000;
  return { name: fileName(address), mode: 0o600, mtime, content: { file, digest } };
}

/** The last part of the path, as BuildKit: what the server calls it, or where it sends on to, makes no difference. */
function fileName(address: string): string {
  const name = path.posix.basename(decoded(new URL(address).pathname));
  return name === '' || name === '.' || name === '..' ? UNNAMED : name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
