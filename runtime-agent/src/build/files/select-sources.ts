/** Which files a COPY or ADD means: wildcards, symlinks, `--parents`, `--exclude`. */
import { compileGlob, isValidGlob } from '#model/dockerfile/glob.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { ignorePatterns } from '#model/dockerfile/ignore-file.ts';
import { type FileTree, followLinks, joinPath, type Skip, type TreeEntry } from './file-tree.ts';

export interface SelectedSource {
  /** In the tree, symlinks followed. */
  readonly path: string;
  /** Name under which a file lands in a destination folder; with `--parents` a path with slashes. */
  readonly name: string;
  /** The source as it was written, for messages. */
  readonly written: string;
}

export interface Selection {
  readonly sources: readonly SelectedSource[];
  /** Paths that are not there, or symlinks that lead nowhere. */
  readonly missing: readonly string[];
}

/**
 * Without `--parents` a `**` is no more than `*`, as in BuildKit.
 * Throws EngineError('invalid') for a pattern with a `[` that nothing closes.
 */
export function selectSources(tree: FileTree, patterns: readonly string[], parents: boolean): Selection {
  const sources: SelectedSource[] = [];
  const missing: string[] = [];
  for (const written of patterns) {
    const found = expandPattern(tree, cleanSource(written), parents);
    for (const path of found) {
      const followed = followLinks(tree, path);
      if (followed === undefined) {
        missing.push(path);
        continue;
      }
      sources.push({
        path: followed,
        written,
        name: parents ? belowPivot(written, path) : (path.split('/').at(-1) ?? ''),
      });
    }
  }
  return { sources, missing };
}

/** Sources are relative to the tree's root, however they are written. */
function cleanSource(written: string): string {
  const parts: string[] = [];
  for (const part of written.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** `--parents a/./b/c` keeps `b/c`: what is before the `/./` stays out. */
function belowPivot(written: string, path: string): string {
  const pivot = written.indexOf('/./');
  if (pivot === -1) return path;
  const depth = cleanSource(written.slice(0, pivot))
    .split('/')
    .filter((part) => part !== '').length;
  return path.split('/').slice(depth).join('/');
}

/**
 * Paths that the pattern matches, in the order of their names; the pattern itself when it has no wildcard. As in BuildKit
 * symlinks to folders are followed before the first wildcard, not behind it.
 */
function expandPattern(tree: FileTree, pattern: string, parents: boolean): string[] {
  if (!/[*?[\\]/.test(pattern)) return [pattern];
  let found = [''];
  let isBehind = false;
  for (const part of pattern.split('/')) {
    if (isBehind) found = found.filter((directory) => entryAt(tree, directory)?.kind === 'directory');
    if (part === '**' && parents) {
      found = [...new Set(found.flatMap((directory) => [directory, ...allBelow(tree, directory)]))];
      continue;
    }
    const matches = matcherOf(part);
    isBehind ||= matches !== undefined;
    found = found.flatMap((directory) => {
      if (matches === undefined) return [joinPath(directory, part)];
      const real = followLinks(tree, directory);
      if (real === undefined || tree.entry(real)?.kind !== 'directory') return [];
      return tree
        .children(real)
        .filter((name) => matches(name))
        .map((name) => joinPath(directory, name));
    });
  }
  // A symlink that leads nowhere is there, too.
  return [...new Set(found)].filter((path) => entryAt(tree, path) !== undefined);
}

/** Of the path itself, not of what it leads to. */
function entryAt(tree: FileTree, path: string): TreeEntry | undefined {
  const slash = path.lastIndexOf('/');
  const directory = followLinks(tree, slash === -1 ? '' : path.slice(0, slash));
  return directory === undefined ? undefined : tree.entry(joinPath(directory, path.slice(slash + 1)));
}

function allBelow(tree: FileTree, directory: string): string[] {
  if (tree.entry(directory)?.kind !== 'directory') return [];
  return tree.children(directory).flatMap((name) => {
    const path = joinPath(directory, name);
    return [path, ...allBelow(tree, path)];
  });
}

/** Undefined for a part without wildcards. */
function matcherOf(part: string): ((name: string) => boolean) | undefined {
  if (!/[*?[\\]/.test(part)) return undefined;
  if (!isValidGlob(part)) throw new EngineError('invalid', `${part}: syntax error in pattern`);
  return compileGlob(part.replaceAll(/\*\*+/g, '*'));
}

/** Does `--exclude` leave out this path below the copied folder, or this name of a copied file? Throws EngineError('invalid'). */
export function excluder(patterns: readonly string[]): Skip {
  if (patterns.some((pattern) => !isValidGlob(pattern.replace(/^!/, '')))) {
    throw new EngineError('invalid', `invalid excludepatterns: [${patterns.join(' ')}]: syntax error in pattern`);
  }
  // A pattern with a slash in front matches nothing, as in BuildKit: paths below a source have none.
  const { isEmpty, ignoresOnWalk, mayReinclude } = ignorePatterns(
    patterns.filter((pattern) => !pattern.startsWith('/')),
  );
  return isEmpty
    ? () => false
    : (path, isFolder) => ignoresOnWalk(path) && (!isFolder || !mayReinclude(path) || 'passage');
}
