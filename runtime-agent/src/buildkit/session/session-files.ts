/** A client's folders: its Dockerfile, its build context and those that it names, without what ignore files say. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ClientFiles, DockerfileText } from '../../build/client-files.ts';
import { createContextIndex } from '../../build/context/context-tree.ts';
import type { ReceivedContext } from '../../build/context/receive-context.ts';
import { fileSpool } from '../../build/context/spool.ts';
import { readIgnoreFile } from '../../build/context/read-ignore-file.ts';
import { asTask, type Watch } from '../../build/watch.ts';
import { Packet } from '../messages/session.ts';
import { linkedPath } from './linked-path.ts';
import type { ContextLease, KeptContexts, KeptFile } from './kept-contexts.ts';
import { receiveFiles } from './receive-files.ts';
import type { ClientSession } from './sessions.ts';

const DIFF_COPY = '/moby.filesync.v1.FileSync/DiffCopy';

export interface SessionFilesOptions {
  /** Who has the folder of this name. */
  readonly sessionOf: (folder: string) => ClientSession;
  readonly kept: KeptContexts;
  readonly watch: Watch;
  readonly signal: AbortSignal;
  /** Path of the Dockerfile in its folder. */
  readonly filename: string;
  /** The client's names for the folders of the Dockerfile and of the context. */
  readonly folders: { readonly dockerfile: string; readonly context: string };
}

export interface SessionFiles extends ClientFiles {
  /** A folder with a name of its own. */
  folder(name: string): Promise<ReceivedContext>;
}

interface Wanted {
  readonly folder: string;
  /** What BuildKit calls it in its progress. */
  readonly label: string;
  readonly follow?: readonly string[] | undefined;
  readonly exclude?: readonly string[];
}

/** The text at a path, where symlinks are followed. */
type Texts = (path: string) => string | undefined;

export function sessionFiles({ sessionOf, kept, watch, signal, filename, folders }: SessionFilesOptions): SessionFiles {
  let ignored: Promise<string | undefined> | undefined;
  const receive = async (id: string, wanted: Wanted, lease: ContextLease): Promise<ReadonlyMap<string, KeptFile>> => {
    const { folder, label, follow = [], exclude = [] } = wanted;
    const session = sessionOf(folder);
    if (!session.serves(DIFF_COPY)) throw new EngineError('invalid', 'no local sources enabled');
    const headers = {
      ...headerOf('dir-name', [folder]),
      ...headerOf('followpaths', follow),
      ...headerOf('exclude-patterns', exclude),
    };
    const part = `transferring ${label}:`;
    const stream = session.client.stream(DIFF_COPY, [Packet, Packet], { headers, signal });
    let current = 0;
    watch({ kind: 'part', id, part, done: false });
    const files = await receiveFiles(stream, lease, (bytes) => (current = bytes));
    watch({ kind: 'part', id, part, current, done: true });
    return files;
  };
  /** Small files only. */
  const texts = async (id: string, wanted: Wanted): Promise<Texts> => {
    using lease = kept.open('');
    const files = await receive(id, wanted, lease);
    const read = new Map(
      [...files].flatMap(([path, file]) => (file.kind === 'file' ? [[path, textOf(lease, file)]] : [])),
    );
    const targetOf = (path: string): string | undefined => files.get(path)?.target || undefined;
    return (path) => read.get(linkedPath(path, targetOf) ?? path);
  };
  const ignoreFile = (id: string, folder: string): Promise<string | undefined> =>
    asTask(watch, { id, name: ignoreTitle(folder, folders) }, async () => {
      const found = await texts(id, { folder, label: 'context', follow: ['.dockerignore'] });
      return found('.dockerignore');
    });
  const folder = async (
    name: string,
    follow: readonly string[] | undefined,
    ignore: string | undefined,
  ): Promise<ReceivedContext> => {
    const title = name === folders.context ? '[internal] load build context' : `[context ${name}] load from client`;
    const id = `folder ${name}`;
    const { sharedKey } = sessionOf(name);
    const lease = kept.open(sharedKey === '' ? '' : `${sharedKey} ${name}`);
    try {
      const wanted = { folder: name, label: 'context', follow, exclude: patternsOf(ignore ?? '') };
      return contextOf(await asTask(watch, { id, name: title }, () => receive(id, wanted, lease)), lease);
    } catch (error) {
      lease[Symbol.dispose]();
      throw error;
    }
  };
  const ownIgnoreFile = () => (ignored ??= ignoreFile('.dockerignore', folders.context));
  return {
    dockerfile: () =>
      asTask(
        watch,
        { id: 'dockerfile', name: `[internal] load build definition from ${baseName(filename)}` },
        async () => {
          const found = await dockerfileTexts(texts, filename, folders.dockerfile);
          // Together with the images that the Dockerfile names.
          if (found.ignored !== undefined) ignored = Promise.resolve(found.ignored);
          ownIgnoreFile().catch(() => {}); // told when it is asked for
          return found.dockerfile;
        },
      ),
    ignoreFile: ownIgnoreFile,
    context: async (paths) => folder(folders.context, paths, await ownIgnoreFile()),
    folder: async (name) => folder(name, undefined, await ignoreFile(`.dockerignore of ${name}`, name)),
  };
}

function ignoreTitle(folder: string, folders: SessionFilesOptions['folders']): string {
  return folder === folders.context ? '[internal] load .dockerignore' : `[context ${folder}] load .dockerignore`;
}

async function dockerfileTexts(
  texts: (id: string, wanted: Wanted) => Promise<Texts>,
  filename: string,
  folder: string,
): Promise<{ readonly dockerfile: DockerfileText; readonly ignored: string | undefined }> {
  const other = filename.replace(/[^/]+$/, (name) => name.toLowerCase());
  const isDefault = baseName(filename) === 'Dockerfile';
  const follow = [filename, `${filename}.dockerignore`, ...(isDefault ? [other] : [])];
  const found = await texts('dockerfile', { folder, label: 'dockerfile', follow });
  const text = found(filename) ?? (isDefault ? found(other) : undefined);
  if (text === undefined) {
    const why = `failed to read dockerfile: open ${baseName(filename)}: no such file or directory`;
    throw new EngineError('invalid', why);
  }
  return { dockerfile: { name: filename, text }, ignored: found(`${filename}.dockerignore`) };
}

function textOf({ spool }: ContextLease, { offset, size }: KeptFile): string {
  const content = Buffer.alloc(size);
  fileSpool(spool).readInto(content, offset);
  return content.toString('utf8');
}

function contextOf(files: ReadonlyMap<string, KeptFile>, lease: ContextLease): ReceivedContext {
  const index = lease.derive(files, () => {
    const made = createContextIndex(Math.floor(Date.now() / 1000));
    for (const [path, file] of files) made.add(path, file);
    return made;
  });
  let size = 0;
  for (const file of files.values()) size += file.size;
  return { index, spool: fileSpool(lease.spool), size, [Symbol.dispose]: () => lease[Symbol.dispose]() };
}

/** The lines of an ignore file as patterns from the context's root, as BuildKit hands them to the client. */
function patternsOf(text: string): string[] {
  readIgnoreFile(text);
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => (line.startsWith('!') ? `!${cleaned(line.slice(1).trim())}` : cleaned(line)));
}

function cleaned(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/') || '.';
}

function baseName(path: string): string {
  return path.split('/').at(-1) ?? path;
}

/** As BuildKit has it: when one value is not ASCII, all of them are percent-encoded. */
function headerOf(name: string, values: readonly string[]): Record<string, string | string[]> {
  if (values.length === 0) return {};
  if (values.every((value) => /^[\x20-\x7e]*$/.test(value))) return { [name]: [...values] };
  return { [name]: values.map((value) => encodeURIComponent(value)), [`${name}-encoded`]: '1' };
}
