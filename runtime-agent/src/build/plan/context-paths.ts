import type { FilesFrom, PlannedStage } from './work.ts';

/**
 * What the steps take of the build context: paths and wildcards from its root, and what is below them. Undefined: all of
 * it.
 */
export function contextPaths(stages: readonly PlannedStage[]): readonly string[] | undefined {
  const paths = new Set(
    stages
      .flatMap(({ steps }) => steps)
      .flatMap(({ work }) => {
        if (work.kind === 'copy') return isOwn(work.from) ? work.sources : [];
        if (work.kind !== 'run') return [];
        return work.mounts.flatMap((mount) => (mount.type === 'bind' && isOwn(mount.files) ? [mount.source] : []));
      })
      .map(pathOf),
  );
  return paths.has('') ? undefined : [...paths].sort();
}

const isOwn = ({ kind }: FilesFrom): boolean => kind === 'context';

/** `..` does not lead out of a context. */
function pathOf(source: string): string {
  const parts: string[] = [];
  for (const part of source.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
