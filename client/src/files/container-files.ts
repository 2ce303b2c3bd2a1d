/** The files of a running container: listed by its own shell, read and written through the Engine API's archives. */
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { type ExecResult, execIn } from '../exec/exec.ts';
import { bytes as sizeText } from '../explorer/words.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { type FileEntry, LIST_SCRIPT, parseListing, STAT_SCRIPT } from './listing.ts';

export interface ContainerFiles {
  /** Throws EngineError('not-found') when there is no such folder. */
  list(folder: string): Promise<FileEntry[]>;
  stat(file: string): Promise<FileEntry>;
  /** Follows links. Throws EngineError('invalid') for what is no file, or too large for memory. */
  read(file: string): Promise<Uint8Array>;
  /** Keeps owner and mode of a file that is there; a new one gets the owner of its folder. */
  write(file: string, bytes: Uint8Array): Promise<void>;
  makeFolder(folder: string): Promise<void>;
  remove(file: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
}

type Connection = Pick<EngineConnection, 'call' | 'stream' | 'upgrade'>;

const LARGEST = 64 * 1024 * 1024;

export function containerFiles(connection: Connection, container: string): ContainerFiles {
  const run = (script: string, ...args: string[]): Promise<ExecResult> =>
    runScript(connection, container, script, args);
  const must = async (script: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(script, ...args);
    if (code === 0) return stdout;
    throw new EngineError('invalid', stderr.trim() || `The container could not do it (exit code ${code}).`);
  };
  const stat = async (file: string): Promise<FileEntry> => {
    const { code, stdout } = await run(STAT_SCRIPT, file);
    const [entry] = code === 0 ? parseListing(stdout) : [];
    if (entry === undefined) throw new EngineError('not-found', `There is no ${file} in the container.`);
    return { ...entry, name: path.posix.basename(file) };
  };
  /** Where a link leads to; archives hold links themselves. */
  const real = async (file: string): Promise<string> => (await must('readlink -f -- "$1"', file)).replace(/\n$/, '');
  return {
    stat,
    async list(folder) {
      const { code, stdout } = await run(LIST_SCRIPT, folder);
      if (code === 3) throw new EngineError('not-found', `There is no folder ${folder} in the container.`);
      return parseListing(stdout);
    },
    async read(file) {
      const { kind, size, link } = await stat(file);
      if (kind !== 'file') throw new EngineError('invalid', `${file} is no file.`);
      if (size > LARGEST) {
        const text = `${file} has ${sizeText(size)}, too much to be opened here. Use docker cp for it.`;
        throw new EngineError('invalid', text);
      }
      return await readArchived(connection, container, link ? await real(file) : file);
    },
    async write(file, content) {
      const there = await stat(file).catch(() => undefined);
      const target = there?.link === true ? await real(file) : file;
      const folder = path.posix.dirname(target);
      const { uid, gid } = there ?? (await stat(folder));
      const tar = pack();
      tar.entry({ name: path.posix.basename(target), mode: there?.mode ?? 0o644, uid, gid }, Buffer.from(content));
      tar.finalize();
      const query = { path: folder };
      const headers = { 'content-type': 'application/x-tar' };
      const body = await buffer(tar);
      await connection.call('PUT', `/containers/${container}/archive`, { query, headers, body });
    },
    makeFolder: async (folder) => void (await must('mkdir -- "$1"', folder)),
    remove: async (file) => void (await must('rm -r -- "$1"', file)),
    rename: async (from, to) => void (await must('mv -n -- "$1" "$2" && [ ! -e "$1" ]', from, to)),
  };
}

async function runScript(
  connection: Connection,
  container: string,
  script: string,
  args: readonly string[],
): Promise<ExecResult> {
  const result = await execIn(connection, container, {
    argv: ['/bin/sh', '-c', script, 'sh', ...args],
    user: '0',
    cwd: '/',
  });
  if (result.code !== 126 && result.code !== 127) return result;
  throw new EngineError(
    'not-implemented',
    'The files of a container are listed by its own shell, and this one has none.',
  );
}

async function readArchived(connection: Connection, container: string, file: string): Promise<Uint8Array> {
  const stream = await connection.stream('GET', `/containers/${container}/archive`, { query: { path: file } });
  const entries = extract();
  stream.on('error', (error) => entries.destroy(error));
  stream.pipe(entries);
  for await (const entry of entries) {
    const content = await buffer(entry);
    stream.destroy();
    return content;
  }
  throw new EngineError('not-found', `There is no ${file} in the container.`);
}
