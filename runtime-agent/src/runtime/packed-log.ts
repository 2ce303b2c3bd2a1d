/** Old logs, packed where the option `compress` asks for it. Read through an unpacked copy that has no name any more. */
import { createReadStream, createWriteStream, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** Suffix of the names. */
export const PACKED = '.gz';

/** @param file its name with PACKED. Throws ENOENT like open(2) */
export async function openPacked(file: string): Promise<FileHandle> {
  const copy = path.join(path.dirname(file), `.${randomBytes(6).toString('hex')}`);
  const handle = await open(copy, 'wx+', 0o600);
  try {
    rmSync(copy);
    await pipeline(createReadStream(file), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await handle.writeFile(chunk);
    });
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Packs what was rotated away, unless somebody reads: then some later time. */
export async function packOldLogs(directory: string, busy: () => boolean): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^\d+$/.test(name));
  for (const name of names) {
    if (busy()) return;
    const file = path.join(directory, name);
    const packing = path.join(directory, `.${randomBytes(6).toString('hex')}`);
    try {
      await pipeline(createReadStream(file), createGzip(), createWriteStream(packing, { mode: 0o600, flags: 'wx' }));
      if (busy()) return;
      // At once: there is no moment in which a reader could find both, or neither.
      renameSync(packing, file + PACKED);
      rmSync(file);
    } finally {
      await rm(packing, { force: true });
    }
  }
}
