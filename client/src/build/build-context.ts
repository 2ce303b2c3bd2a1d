/** A build context as a tar stream, without what .dockerignore leaves out. */
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pack, type Pack } from 'tar-stream';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { type IgnorePatterns, parseIgnoreFile } from '#model/dockerfile/ignore-file.ts';

export interface BuildContext {
  readonly body: Readable;
  /** Its name in the stream. */
  readonly dockerfile: string;
}

/** The name under which a Dockerfile from outside of the context travels. */
const OUTSIDE = '.dockerfile.slipway';

/**
 * @param dockerfile absolute; may be outside of the context
 * Throws EngineError('not-found') when there is no such folder or Dockerfile.
 */
export async function buildContext(context: string, dockerfile: string): Promise<BuildContext> {
  const content = await readFile(dockerfile).catch((error: unknown) => {
    throw new EngineError('not-found', `Cannot read the Dockerfile: ${messageOf(error)}`, { cause: error });
  });
  if (!(await lstat(context).catch(() => undefined))?.isDirectory()) {
    throw new EngineError('not-found', `There is no folder ${context} for the build context.`);
  }
  const relative = path.relative(context, dockerfile).split(path.sep).join('/');
  const outside = relative.startsWith('../') || path.isAbsolute(relative);
  const name = outside ? OUTSIDE : relative;
  const ignored = parseIgnoreFile(await ignoreText(context, dockerfile));
  const archive = pack();
  const fill = async (): Promise<void> => {
    if (outside) archive.entry({ name, mode: 0o644 }, content);
    await packFolder(context, '', archive, ignored, new Set([name, '.dockerignore']));
    archive.finalize();
  };
  const body = Readable.from(
    (async function* () {
      fill().catch((error: unknown) => archive.destroy(error as Error));
      yield* archive as AsyncIterable<Buffer>;
    })(),
  );
  // a broken connection destroys both; whoever sends the body is told by the call
  for (const stream of [archive, body]) stream.on('error', () => {});
  return { body, dockerfile: name };
}

/** `NAME.dockerignore` beside the Dockerfile comes first. */
async function ignoreText(context: string, dockerfile: string): Promise<string> {
  for (const file of [`${dockerfile}.dockerignore`, path.join(context, '.dockerignore')]) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return '';
}

async function packFolder(
  context: string,
  below: string,
  archive: Pack,
  ignored: IgnorePatterns,
  always: ReadonlySet<string>,
): Promise<void> {
  for (const entry of (await readdir(path.join(context, below), { withFileTypes: true })).sort(byName)) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    const left = ignored.ignores(name);
    if (entry.isDirectory()) {
      const holds = [...always].some((kept) => kept.startsWith(`${name}/`));
      if (left && !holds && !ignored.mayReinclude(name)) continue;
      if (!left) await packEntry(context, name, archive);
      await packFolder(context, name, archive, ignored, always);
    } else if (!left || always.has(name)) await packEntry(context, name, archive);
  }
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

async function packEntry(context: string, name: string, archive: Pack): Promise<void> {
  const full = path.join(context, name);
  const stats = await lstat(full);
  // owners are the builder's business: the context belongs to root, as docker build has it
  const common = { name, mode: process.platform === 'win32' ? 0o755 : stats.mode & 0o7777, mtime: stats.mtime };
  if (stats.isDirectory()) return await finish(archive, { ...common, type: 'directory' });
  if (stats.isSymbolicLink())
    return await finish(archive, { ...common, type: 'symlink', linkname: await readlink(full) });
  if (!stats.isFile()) return;
  if (stats.size === 0) return await finish(archive, { ...common, size: 0 });
  await new Promise<void>((resolve, reject) => {
    const sink = archive.entry({ ...common, size: stats.size }, (error) => (error ? reject(error) : resolve()));
    const source = createReadStream(full, { end: stats.size - 1 });
    source.on('error', reject);
    sink.on('error', reject);
    source.pipe(sink);
  });
}

function finish(archive: Pack, header: Parameters<Pack['entry']>[0]): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, '', (error) => (error ? reject(error) : resolve()));
  });
}
