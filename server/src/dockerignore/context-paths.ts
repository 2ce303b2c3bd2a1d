import type { IgnorePatterns } from '#model/dockerfile/ignore-file.ts';
import type { Files } from '../files.ts';

export interface ContextPaths {
  /** Relative to the context's root, with slashes; folders end with one. */
  readonly paths: readonly string[];
  /** False when there were more than we look at: then nothing can be said about what is not there. */
  readonly complete: boolean;
  /** Large folders that are ignored were not opened: what a `**` matches in them is not known. */
  readonly skipped: boolean;
}

const MOST_PATHS = 4000;
const LARGE: ReadonlySet<string> = new Set(['node_modules', '.git', 'vendor', 'target', '.venv', '__pycache__']);

/** What is in the context. Large folders that are ignored are not opened unless a pattern can take back what is in them. */
export function readContext(files: Files, root: string, patterns: IgnorePatterns): ContextPaths | undefined {
  const paths: string[] = [];
  const folders = [''];
  let skipped = false;
  for (const folder of folders) {
    const entries = files.list(`${root}/${folder}`.replace(/\/$/, ''));
    if (entries === undefined && folder === '') return undefined;
    for (const { name, folder: isFolder } of entries ?? []) {
      if (paths.length >= MOST_PATHS) return { paths, complete: false, skipped };
      const path = folder + name;
      paths.push(isFolder ? `${path}/` : path);
      if (!isFolder) continue;
      if (LARGE.has(name) && patterns.ignores(path) && !patterns.mayReinclude(path)) skipped = true;
      else folders.push(`${path}/`);
    }
  }
  return { paths, complete: true, skipped };
}
