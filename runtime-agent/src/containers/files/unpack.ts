/** Writes a tar stream into a directory of a container. */
import { constants } from 'node:fs';
import { chmod, type FileHandle, lchown, link, lstat, lutimes, mkdir, open, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../../host/host.ts';
import type { TarEntry } from '../../snapshots/tar-entry.ts';
import { visitTar } from '../../snapshots/tar-entries.ts';
import { copyAttributes } from './copy-attributes.ts';
import { type ContainerView, type Resolved, resolvePlace } from './container-view.ts';
import { systemError } from './system-error.ts';

export interface UnpackOptions {
  readonly host: Host;
  /** Of the directory to write into: nothing else can be reached. */
  readonly view: ContainerView;
  /** What the directory is called in errors. */
  readonly directory: string;
  /** A directory in place of a file, or the other way round, is an error. */
  readonly keepKinds: boolean;
  /** A directory that only the engine writes to. */
  readonly scratch: string;
  /** Owner of everything written, in place of the archive's. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const text = (name: string): string => Buffer.from(name, 'latin1').toString();

/** Docker calls whatever is wrong with an archive the server's error. */
const refuse = (message: string): EngineError => new EngineError('internal', message);

/** The name below the directory, absolute there. Throws for names that lead out of it. */
function placeOf(name: string, what = 'entry name'): string {
  const normal = path.posix.normalize(`./${text(name)}`).replace(/\/$/, '');
  if (normal === '..' || normal.startsWith('../')) throw refuse(`invalid ${what} ${JSON.stringify(text(name))}`);
  return path.posix.join('/', normal);
}

/** The directory that the place is in, made with all that is missing on the way. */
async function openParent({ host, view }: UnpackOptions, place: string): Promise<Resolved> {
  const make = async (directory: string): Promise<void> => {
    await mkdir(directory, 0o755);
    const { uid, gid } = host.ids.root;
    if (uid !== 0) await lchown(directory, uid, gid);
  };
  const parent = await resolvePlace(view, path.posix.dirname(place), true, { make });
  if (parent.stat.isDirectory()) return parent;
  await parent[Symbol.asyncDispose]();
  throw refuse(`openat ${place.slice(1)}: not a directory`);
}

/** Makes room for the entry. @returns whether a directory is there to be kept */
async function clearPlace(options: UnpackOptions, file: string, entry: TarEntry): Promise<boolean> {
  const old = await lstat(file).catch(() => undefined);
  if (old === undefined) return false;
  const directory = entry.type === '5';
  if (options.keepKinds && old.isDirectory() !== directory) {
    const [what, over] = directory ? ['directory', 'non-directory'] : ['non-directory', 'directory'];
    const shown = JSON.stringify(placeOf(entry.name).slice(1));
    throw refuse(`cannot overwrite ${over} ${shown} with ${what} ${JSON.stringify(options.directory)}`);
  }
  if (directory && old.isDirectory()) return true;
  await rm(file, { recursive: true, force: true });
  return false;
}

async function makeNode(options: UnpackOptions, file: string, entry: TarEntry): Promise<void> {
  const kinds: Readonly<Record<string, string>> = { '3': 'c', '4': 'b', '6': 'p' };
  const kind = kinds[entry.type] ?? 'p';
  const numbers = kind === 'p' ? [] : [String(entry.deviceMajor), String(entry.deviceMinor)];
  // The path goes through a descriptor of this process, which the program does not have.
  const through = file.replace('/proc/self/', `/proc/${process.pid}/`);
  await options.host.run('mknod', [through, kind, ...numbers]);
}

async function makeLink(options: UnpackOptions, file: string, entry: TarEntry): Promise<void> {
  const target = placeOf(entry.linkName, 'hardlink target');
  await using existing = await resolvePlace(options.view, target, false, {});
  await link(existing.path, file);
}

/** @param held the file or directory, where it can have extended attributes */
async function applyAttributes(
  options: UnpackOptions,
  file: string,
  entry: TarEntry,
  held?: FileHandle,
): Promise<void> {
  const { uid, gid } = options.host.ids.toHost(options.owner ?? entry);
  await lchown(file, uid, gid); // before the capabilities, which it would take away
  if (held !== undefined && entry.xattrs.length > 0) {
    await copyAttributes(options, held, entry, path.posix.join(options.directory, placeOf(entry.name)));
  }
  if (entry.type !== '2') await chmod(file, entry.mode & 0o7777);
  await lutimes(file, Number(entry.mtime), Number(entry.mtime));
}

interface Writing {
  readonly handle: FileHandle;
  readonly finish: () => Promise<void>;
}

/** Makes what the entry says. @returns where its data goes, when it has any */
async function placeEntry(
  options: UnpackOptions,
  entry: TarEntry,
  late: (() => Promise<void>)[],
): Promise<Writing | undefined> {
  const place = placeOf(entry.name);
  if (place === '/') return undefined;
  const parent = await openParent(options, place);
  const file = `${parent.path.replace(/\/\.$/, '')}/${path.posix.basename(place)}`;
  const close = async (): Promise<void> => await parent[Symbol.asyncDispose]();
  try {
    const kept = await clearPlace(options, file, entry);
    switch (entry.type) {
      case '5':
        if (!kept) await mkdir(file, 0o700);
        {
          await using held = await open(file, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
          await applyAttributes(options, file, entry, held);
        }
        // Again at the end: what is written into the directory changes its time.
        late.push(() => touchLate(options, place, entry));
        break;
      case '0': {
        const handle = await open(file, NEW_FILE, 0o600);
        const finish = async (): Promise<void> => {
          try {
            await applyAttributes(options, file, entry, handle);
          } finally {
            await handle.close();
            await close();
          }
        };
        return { handle, finish };
      }
      case '2':
        await symlink(text(entry.linkName), file);
        await applyAttributes(options, file, entry);
        break;
      case '1':
        await makeLink(options, file, entry);
        break;
      default:
        await makeNode(options, file, entry);
        await applyAttributes(options, file, entry);
    }
  } catch (error) {
    await close();
    throw error;
  }
  await close();
  return undefined;
}

async function touchLate(options: UnpackOptions, place: string, entry: TarEntry): Promise<void> {
  await using found = await resolvePlace(options.view, place, false, {});
  await lutimes(found.path, Number(entry.mtime), Number(entry.mtime));
}

/** Throws EngineError('internal'), as Docker does, for a bad archive; what was written until then stays, as in Docker. */
export async function unpackTree(tar: AsyncIterable<Buffer>, options: UnpackOptions): Promise<void> {
  const late: (() => Promise<void>)[] = [];
  let writing: Writing | undefined;
  let at = options.directory;
  const finish = async (): Promise<void> => {
    const last = writing;
    writing = undefined; // whatever comes of it
    await last?.finish();
  };
  try {
    await visitTar(tar, {
      async entry(entry) {
        await finish();
        at = path.posix.join(options.directory, placeOf(entry.name));
        writing = await placeEntry(options, entry, late);
      },
      async data(chunk) {
        await writing?.handle.writeFile(chunk);
      },
      end: finish,
    });
  } catch (error) {
    throw error instanceof EngineError && error.code === 'invalid' ? refuse(error.message) : systemError(error, at);
  } finally {
    await finish();
  }
  for (const work of late.reverse()) await work();
}
