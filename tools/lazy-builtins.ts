/** Modules of Node's own that take milliseconds to load: in a bundle each is loaded when something of it is first used. */
import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

/** @param names without `node:` */
export function lazyBuiltins(names: readonly string[]): Plugin {
  const require = createRequire(import.meta.url);
  const filter = new RegExp(`^(?:node:)?(?:${names.join('|')})$`);
  return {
    name: 'lazy-builtins',
    setup(build) {
      build.onResolve({ filter }, ({ path, namespace }) => {
        const name = path.replace(/^node:/, '');
        return namespace === 'lazy' ? { path: name, external: true } : { path: name, namespace: 'lazy' };
      });
      build.onLoad({ filter, namespace: 'lazy' }, ({ path }) => {
        const keys = JSON.stringify(Object.keys(require(path)));
        // Asked for once: `require` takes longer than most of what is called through it.
        const contents = `let loaded;
for (const key of ${keys}) {
  Object.defineProperty(exports, key, { enumerable: true, get: () => (loaded ??= require('${path}'))[key] });
}`;
        return { contents, loader: 'js' };
      });
    },
  };
}
