/** BuildKit's parser directive `# check=skip=A,B;error=true`. */
import type { DockerfileTree } from '#model/dockerfile/syntax/tree.ts';

type Directives = Pick<DockerfileTree, 'directives'>;

/** What the checks find fails the build. */
export function checksAreErrors(tree: Directives): boolean {
  return checkOptions(tree).some((option) => /^\s*error\s*=\s*(?:true|t|1)\s*$/i.test(option));
}

/** Names of rules that are switched off, or `all`. */
export const skippedChecks = (tree: Directives): string[] => namesIn(tree, 'skip=');

/** Names of experimental rules that are switched on, or `all`. */
export const experimentalChecks = (tree: Directives): string[] => namesIn(tree, 'experimental=');

function namesIn(tree: Directives, option: string): string[] {
  return checkOptions(tree)
    .filter((text) => text.trim().startsWith(option))
    .flatMap((text) =>
      text
        .trim()
        .slice(option.length)
        .split(/[\s,]+/),
    )
    .filter((name) => name !== '');
}

function checkOptions({ directives }: Directives): string[] {
  return directives.find(({ name }) => name === 'check')?.value.split(';') ?? [];
}
