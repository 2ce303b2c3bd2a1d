/** The Dockerfiles, Compose files and the like in the folders that the editor has open. */
import type { Files } from '../files.ts';
import type { Language } from '../language.ts';
import { pathToFileURL } from 'node:url';

export interface WorkspaceFiles {
  /** Absolute paths; looked for when first asked, and again when files came or went. */
  paths(): readonly string[];
  forget(): void;
}

/** Fuel: a home folder opened by accident must not keep the server busy. */
const MOST_FOLDERS = 2000;
const MOST_FILES = 500;
const SKIPPED: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  'vendor',
  'target',
  '.venv',
  '.cache',
]);

export function createWorkspaceFiles(
  files: Files,
  languages: readonly Language<unknown>[],
  folders: () => readonly string[],
): WorkspaceFiles {
  let found: readonly string[] | undefined;
  const owns = (path: string): boolean => languages.some((one) => one.owns('', pathToFileURL(path).href));
  return {
    paths: () => (found ??= findIn(files, folders(), owns)),
    forget() {
      found = undefined;
    },
  };
}

/** Breadth first: what is near the root is found even where the fuel ends. */
function findIn(files: Files, folders: readonly string[], owns: (path: string) => boolean): string[] {
  const found = new Set<string>();
  const queue = [...new Set(folders)];
  for (let i = 0; i < queue.length && i < MOST_FOLDERS && found.size < MOST_FILES; i++) {
    const folder = queue[i] ?? '';
    for (const { name, folder: isFolder } of files.list(folder) ?? []) {
      const path = `${folder.replace(/\/$/, '')}/${name}`;
      if (isFolder) {
        if (!SKIPPED.has(name)) queue.push(path);
      } else if (found.size < MOST_FILES && owns(path)) found.add(path);
    }
  }
  return [...found];
}
