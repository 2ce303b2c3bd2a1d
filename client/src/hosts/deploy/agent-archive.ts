/** The agent as one compressed archive: a host gets it in one resumable upload. The same files always give the same bytes. */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { AgentFile } from './agent-files.ts';

export async function writeAgentArchive(folder: string, files: readonly AgentFile[], archive: string): Promise<void> {
  await mkdir(path.dirname(archive), { recursive: true });
  const tar = pack();
  const written = pipeline(tar, createGzip(), createWriteStream(archive));
  const filled = (async () => {
    for (const { name } of files) {
      const bytes = await readFile(path.join(folder, name));
      await new Promise<void>((resolve, reject) => {
        tar.entry({ name, mtime: new Date(0), mode: 0o644 }, bytes, (error) => (error ? reject(error) : resolve()));
      });
    }
    tar.finalize();
  })();
  filled.catch((error: unknown) => tar.destroy(error as Error));
  await Promise.all([filled, written]);
}
