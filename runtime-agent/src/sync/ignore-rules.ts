import ignore from 'ignore';

/** Says whether a path relative to the workspace's root is left out of the sync. */
export type Ignores = (path: string, directory: boolean) => boolean;

/** @param patterns lines in the syntax of .gitignore */
export function ignoreRules(patterns: readonly string[]): Ignores {
  const rules = ignore().add([...patterns]);
  return (path, directory) => path !== '' && rules.ignores(directory ? `${path}/` : path);
}
