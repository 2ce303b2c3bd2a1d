/** Where two outcomes of one case differ, in words. */
import type { Outcome } from './build-with.ts';
import type { ImageFacts } from './read-image.ts';

/** Nothing when they are the same. */
export function differences(expected: Outcome, actual: Outcome): string[] {
  if ('failed' in expected) return 'failed' in actual ? [] : [`should have failed: ${expected.failed}`];
  if ('failed' in actual) return [`failed: ${actual.failed}`];
  const [a, b] = [expected.image, actual.image];
  return [
    ...differ('config', a.config, b.config),
    ...differ('file', withoutEtc(a.tree), withoutEtc(b.tree)),
    ...differ('history', { ...a.history }, { ...b.history }),
    ...differ('layer', { ...a.layers.map(withoutTouched) }, { ...b.layers.map(withoutTouched) }),
  ];
}

/** BuildKit makes and removes files in a base's /etc and gives it back its time: it is in the layer, unchanged. */
function withoutTouched(paths: readonly string[]): string[] {
  return paths.filter((path) => path !== 'etc');
}

function withoutEtc({ etc: _etc, ...tree }: ImageFacts['tree']): ImageFacts['tree'] {
  return tree;
}

function differ(what: string, a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return keys.flatMap((key) => {
    const [x, y] = [JSON.stringify(a[key]), JSON.stringify(b[key])];
    return x === y ? [] : [`${what} ${key}: expected ${x ?? 'none'}, got ${y ?? 'none'}`];
  });
}
