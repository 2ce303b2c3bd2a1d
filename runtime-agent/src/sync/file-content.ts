import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { EngineError } from '#model/engine-api/errors.ts';

/** Opens a regular file; never follows a link in its place and never waits for a named pipe. */
export async function openFile(path: string, flags: number): Promise<FileHandle> {
  const handle = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o644);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new EngineError('conflict', `${path} is no regular file any more`);
}

/** Writes over the old content, then cuts what is left of it: no reader ever finds the file empty. */
export async function copyContent(source: FileHandle, target: FileHandle): Promise<void> {
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  let at = 0;
  for (;;) {
    const { bytesRead } = await source.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) break;
    for (let written = 0; written < bytesRead; ) {
      written += (await target.write(buffer, written, bytesRead - written, at + written)).bytesWritten;
    }
    at += bytesRead;
  }
  await target.truncate(at);
}
