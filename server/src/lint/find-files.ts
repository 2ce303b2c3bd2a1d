import { globSync } from 'node:fs';
import path from 'node:path';
import type { Files } from '../files.ts';
import type { Language } from '../language.ts';
import { LintUsageError } from './usage-error.ts';

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', 'dist', 'vendor', '.venv']);

/**
 * The files that the arguments mean: files as they are, directories as the files in them that some language owns, globs
 * as those of what they match, or all of it where no language owns any. Compose files that are excluded must be named. What does not exist comes as an error; the rest is linted all the same.
 */
export function findFiles(
  paths: readonly string[],
  languages: readonly Language<unknown>[],
  files: Files,
  isExcluded: (path: string) => boolean = () => false,
): { readonly found: readonly string[]; readonly errors: readonly LintUsageError[] } {
  const isOwned = (name: string): boolean => {
    const owner = languages.find((language) => language.owns('', name));
    return owner !== undefined && !(owner.name === 'compose' && isExcluded(name.replaceAll('\\', '/')));
  };
  const found = new Set<string>();
  const errors: LintUsageError[] = [];
  const walk = (folder: string): void => {
    for (const { name, folder: isFolder } of files.list(folder) ?? []) {
      const child = path.join(folder, name);
      if (isFolder && !SKIPPED.has(name)) walk(child);
      else if (!isFolder && isOwned(child)) found.add(child);
    }
  };
  const add = (argument: string): boolean => {
    const kind = argument === '-' ? 'file' : files.kind(argument);
    if (kind === 'file') found.add(argument);
    else if (kind === 'folder') walk(argument);
    return kind !== undefined;
  };
  for (const argument of paths) {
    if (add(argument)) continue;
    const matches = isGlob(argument) ? globSync(argument, { exclude: ['**/node_modules/**'] }).toSorted() : [];
    const owned = matches.filter((match) => files.kind(match) === 'folder' || isOwned(match));
    // A pattern may also match what is of no concern; where no name says anything, the contents will.
    for (const match of owned.length > 0 ? owned : matches) add(match);
    if (matches.length === 0) {
      const what = isGlob(argument) ? 'no file matches' : 'no such file or directory';
      errors.push(new LintUsageError(`${argument}: ${what}`));
    }
  }
  return { found: [...found], errors };
}

function isGlob(argument: string): boolean {
  return /[*?[{]/.test(argument);
}
