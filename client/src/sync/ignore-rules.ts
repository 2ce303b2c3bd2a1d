/** What of a local folder is left out of the sync. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import ignore from 'ignore';

export const IGNORE_FILE = '.slipwayignore';

/**
 * Built or installed in the container for the container's system: never copied there, never overwritten there. `.git` is
 * synced, as tools in the container need it; only its lock files are not.
 */
const DEFAULTS = ['node_modules/', '.venv/', '__pycache__/', '.slipway/', '.git/**/*.lock', '.git/*.lock', '.DS_Store'];

export interface IgnoreRules {
  /** In the syntax of .gitignore: the engine applies the same. */
  readonly patterns: readonly string[];
  /** @param name relative to the folder, with forward slashes */
  ignores(name: string, directory: boolean): boolean;
}

/** The defaults, then the lines of the folder's .slipwayignore, which may take a default back (`!.venv/`). */
export async function readIgnoreRules(folder: string): Promise<IgnoreRules> {
  const text = await readFile(path.join(folder, IGNORE_FILE), 'utf8').catch(() => '');
  return ignoreRules([...DEFAULTS, ...text.split(/\r?\n/)]);
}

export function ignoreRules(lines: readonly string[]): IgnoreRules {
  const patterns = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const rules = ignore().add(patterns);
  return {
    patterns,
    ignores: (name, directory) => name !== '' && rules.ignores(directory ? `${name}/` : name),
  };
}
