/** The editor's server and its Node.js as one compressed archive, made once per version. */
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, readlink, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import type { EditorSource } from './editor-source.ts';

/** @returns the archive's path; it holds `ide/` and, if wanted, `node` */
export async function editorArchive(
  source: EditorSource,
  folder: string,
  { withNode }: { readonly withNode: boolean },
  signal: AbortSignal,
): Promise<string> {
  const file = path.join(folder, `editor-${source.version}${withNode ? '' : '-alone'}.tar.gz`);
  if (await stat(file).catch(() => undefined)) return file;
  await mkdir(folder, { recursive: true });
  const temporary = `${file}.${process.pid}.new`;
  const archive = pack();
  archive.on('error', () => {}); // told by whoever reads it
  const fill = async (): Promise<void> => {
    if (withNode) await packFile(archive, source.node, 'node');
    await packTree(archive, source.root, 'ide');
    archive.finalize();
  };
  const content = async function* (): AsyncGenerator<Buffer> {
    fill().catch((error: unknown) => archive.destroy(error as Error));
    yield* archive as AsyncIterable<Buffer>;
  };
  try {
    await pipeline(Readable.from(content()), createGzip({ level: 1 }), createWriteStream(temporary), { signal });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  return file;
}

async function packTree(archive: Pack, root: string, name: string): Promise<void> {
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const full = path.join(root, entry.name);
    const inside = `${name}/${entry.name}`;
    if (entry.isDirectory()) await packTree(archive, full, inside);
    else if (entry.isSymbolicLink())
      await add(archive, { name: inside, type: 'symlink', linkname: await readlink(full) });
    else if (entry.isFile() && !entry.name.endsWith('.map')) await packFile(archive, full, inside);
  }
}

async function packFile(archive: Pack, full: string, name: string): Promise<void> {
  const { size, mode } = await lstat(full);
  const header = { name, mode: mode & 0o755, size };
  if (size === 0) return await add(archive, header);
  await new Promise<void>((resolve, reject) => {
    const sink = archive.entry(header, (error) => (error ? reject(error) : resolve()));
    const source = createReadStream(full, { end: size - 1 });
    source.on('error', reject);
    sink.on('error', reject);
    source.pipe(sink);
  });
}

function add(archive: Pack, header: Parameters<Pack['entry']>[0]): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, '', (error) => (error ? reject(error) : resolve()));
  });
}
