import path from 'node:path';
import type { Files } from '../files.ts';
import type { Language } from '../language.ts';
import { LintUsageError } from './options.ts';

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', 'dist', 'vendor', '.venv']);

/** The files that the arguments mean: files as they are, directories as the files in them that some language owns. */
export function findFiles(paths: readonly string[], languages: readonly Language<unknown>[], files: Files): string[] {
  const isOwned = (name: string): boolean => languages.some((language) => language.owns('', name));
  const found = new Set<string>();
  const walk = (folder: string): void => {
    for (const { name, folder: isFolder } of files.list(folder) ?? []) {
      const child = path.join(folder, name);
      if (isFolder && !SKIPPED.has(name)) walk(child);
      else if (!isFolder && isOwned(child)) found.add(child);
    }
  };
  for (const argument of paths) {
    const kind = argument === '-' ? 'file' : files.kind(argument);
    if (kind === undefined) throw new LintUsageError(`${argument}: no such file or directory`);
    if (kind === 'file') found.add(argument);
    else walk(argument);
  }
  return [...found];
}

/** The language of a file that was named outright: by its name, and where that says nothing by its extension. */
export function languageOf(file: string, languages: readonly Language<unknown>[]): Language<unknown> | undefined {
  const byName = languages.find((language) => language.owns('', file));
  const fallback = /\.ya?ml$/i.test(file) ? 'compose' : 'dockerfile';
  return byName ?? languages.find((language) => language.name === fallback);
}
