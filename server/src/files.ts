/** The files around a document. Everything the server reads goes through here, so that tests need no disk. */
import { readdirSync, readFileSync, statSync } from 'node:fs';

export interface Entry {
  readonly name: string;
  readonly folder: boolean;
}

export interface Files {
  /** The text; undefined when there is no such file, it cannot be read, or it is over a megabyte. */
  read(path: string): string | undefined;
  /** Undefined when there is no such folder. */
  list(path: string): readonly Entry[] | undefined;
  /** What the path is; undefined when nothing is there. */
  kind(path: string): 'file' | 'folder' | undefined;
}

const MAX_BYTES = 1 << 20;

export const DISK: Files = {
  read(path) {
    try {
      // Most of what is asked for is not there: no exception is made of that.
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined || stat.size > MAX_BYTES ? undefined : readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  list(path) {
    try {
      const entries = readdirSync(path, { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, folder: entry.isDirectory() }));
    } catch {
      return undefined;
    }
  },
  kind(path) {
    try {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? undefined : stat.isDirectory() ? 'folder' : 'file';
    } catch {
      // A name that no file can have, or a folder that is closed to us.
      return undefined;
    }
  },
};

/** Files in memory, by absolute path. */
export function memoryFiles(texts: Readonly<Record<string, string>>): Files {
  const paths = Object.keys(texts);
  const under = (folder: string): string => (folder.endsWith('/') ? folder : `${folder}/`);
  const kind = (path: string): 'file' | 'folder' | undefined => {
    if (texts[path] !== undefined) return 'file';
    return paths.some((other) => other.startsWith(under(path))) ? 'folder' : undefined;
  };
  return {
    read: (path) => texts[path],
    kind,
    list(path) {
      if (kind(path) !== 'folder') return undefined;
      const rests = paths
        .filter((other) => other.startsWith(under(path)))
        .map((other) => other.slice(under(path).length));
      const names = new Map(rests.map((rest) => [rest.split('/')[0] ?? '', rest.includes('/')]));
      return [...names].map(([name, folder]) => ({ name, folder }));
    },
  };
}

/** Files of which some have another text: those that an editor has open. */
export function overlay(files: Files, text: (path: string) => string | undefined): Files {
  return {
    read: (path) => text(path) ?? files.read(path),
    list: (path) => files.list(path),
    kind: (path) => (text(path) === undefined ? files.kind(path) : 'file'),
  };
}
