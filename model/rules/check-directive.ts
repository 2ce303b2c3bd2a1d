/** BuildKit's parser directive `# check=skip=A,B;error=true`. It ends at the first space: what follows is not read. */
import type { DockerfileTree } from '#model/dockerfile/syntax/tree.ts';

type Directives = Pick<DockerfileTree, 'directives'>;

interface CheckOption {
  readonly text: string;
  /** Offset in the directive's value. */
  readonly at: number;
  readonly key: string;
  /** Undefined without a `=`. */
  readonly value: string | undefined;
}

/** What the checks find fails the build. */
export function checksAreErrors(tree: Directives): boolean {
  return checkOptions(tree).some(({ key, value }) => key === 'error' && boolOf(value ?? '') === true);
}

/** What is wrong with the directive's first wrong option. */
export function checkDirectiveError(tree: Directives): string | undefined {
  return checkOptions(tree)
    .map(checkOptionError)
    .find((error) => error !== undefined);
}

/** In BuildKit's words: `skip=A,B;error=true;experimental=all` */
export function checkOptionError({ key, value, text }: CheckOption): string | undefined {
  const why = 'failed to parse check options:';
  if (value === undefined) return `${why} invalid check option ${JSON.stringify(text)}`;
  if (key === 'skip' || key === 'experimental') return undefined;
  if (key !== 'error') return `${why} invalid check option ${JSON.stringify(key)}`;
  if (boolOf(value) !== undefined) return undefined;
  const parsed = `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
  return `${why} failed to parse check option ${JSON.stringify(text)}: ${parsed}`;
}

/** Names of rules that are switched off, or `all` alone. */
export const skippedChecks = (tree: Directives): string[] => namesIn(tree, 'skip');

/** Names of experimental rules that are switched on, or `all` alone. */
export const experimentalChecks = (tree: Directives): string[] => namesIn(tree, 'experimental');

function namesIn(tree: Directives, option: string): string[] {
  const names = checkOptions(tree).flatMap(({ key, value = '' }) =>
    key === option ? (value === 'all' ? ['all'] : value.split(',').filter((name) => name !== 'all')) : [],
  );
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

export function checkOptions({ directives }: Directives): CheckOption[] {
  const [value = ''] = directives.find(({ name }) => name === 'check')?.value.split(' ') ?? [];
  if (value === '') return [];
  let at = 0;
  return value.split(';').map((text) => {
    const [key = '', ...rest] = text.split('=');
    const option = { text, at, key: key.trim(), value: rest.length === 0 ? undefined : rest.join('=').trim() };
    at += text.length + 1;
    return option;
  });
}

/** As Go's strconv.ParseBool. */
function boolOf(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined;
}
