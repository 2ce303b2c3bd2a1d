import { constants } from 'node:fs';
import { type FileHandle, lstat, readlink } from 'node:fs/promises';
import type { Header, Pack } from 'tar-stream';
import { openDirectoryChain, relativeParts } from './directory-chain.ts';
import { openFile } from './file-content.ts';

/** Writes the named files and links of the workspace into the archive; what does not exist is left out. */
export async function packFiles(root: string, paths: readonly string[], archive: Pack): Promise<void> {
  await using chain = await openDirectoryChain(root);
  for (const name of paths) {
    const parts = relativeParts(name);
    const last = parts.at(-1);
    const parent = await chain.enter(parts.slice(0, -1));
    if (last === undefined || parent === undefined) continue;
    const at = `${parent}/${last}`;
    const stats = await lstat(at).catch(() => undefined);
    const common = { name: parts.join('/'), mode: (stats?.mode ?? 0) & 0o777 };
    if (stats?.isSymbolicLink()) {
      archive.entry({ ...common, type: 'symlink', linkname: await readlink(at) });
    } else if (stats?.isFile()) {
      await using handle = await openFile(at, constants.O_RDONLY);
      const { size } = await handle.stat();
      await writeEntry(archive, { ...common, size }, handle);
    }
  }
}

async function writeEntry(
  archive: Pack,
  header: Pick<Header, 'name' | 'mode' | 'size'>,
  source: FileHandle,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {}); // it may fail while nothing waits for it, and so may the sink
  const sink = archive.entry(header, (error) => (error ? reject(error) : resolve()));
  sink.on('error', reject);
  if (header.size > 0) {
    const content = source.createReadStream({ autoClose: false, start: 0, end: header.size - 1 });
    for await (const chunk of content as AsyncIterable<Buffer>) {
      if (sink.write(chunk)) continue;
      await Promise.race([new Promise<void>((drained) => sink.once('drain', () => drained())), promise]);
    }
  }
  sink.end(undefined);
  await promise;
}
