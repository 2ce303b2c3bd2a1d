/** BuildKit's parser directive `# check=skip=A,B;error=true`. */
import type { DockerfileTree } from '#model/dockerfile/syntax/tree.ts';

type Directives = Pick<DockerfileTree, 'directives'>;

/** What the checks find fails the build. */
export function checksAreErrors(tree: Directives): boolean {
  return checkOptions(tree).some((option) => /^\s*error\s*=\s*(?:true|t|1)\s*$/i.test(option));
}

/** Names of rules, or `all`. */
export function skippedChecks(tree: Directives): string[] {
  return checkOptions(tree)
    .filter((option) => option.trim().startsWith('skip='))
    .flatMap((option) =>
      option
        .trim()
        .slice('skip='.length)
        .split(/[\s,]+/),
    )
    .filter((name) => name !== '');
}

function checkOptions({ directives }: Directives): string[] {
  return directives.find(({ name }) => name === 'check')?.value.split(';') ?? [];
}
