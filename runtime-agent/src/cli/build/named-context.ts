/** `--build-context NAME=SOURCE`: a folder, an OCI layout, an image or an address. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { LAYOUT } from '../../build/layout-image.ts';

export interface NamedContexts {
  /** What the engine is told of each. */
  readonly sources: Readonly<Record<string, string>>;
  /** Folders that it asks for, by the context's name. */
  readonly folders: ReadonlyMap<string, string>;
  /** Folders with OCI layouts, by the name that it asks for them by. */
  readonly layouts: ReadonlyMap<string, string>;
}

/** Throws EngineError('invalid') for what is not there. */
export function readNamedContexts(given: Readonly<Record<string, string>>): NamedContexts {
  const folders = new Map<string, string>();
  const layouts = new Map<string, string>();
  const sources = Object.entries(given).map(([name, source]): [string, string] => {
    if (source.startsWith(LAYOUT)) {
      const [, place = '', rest = ''] =
        /^(.*?)((?::[^:/@]+)?(?:@sha256:[0-9a-f]{64})?)$/.exec(source.slice(LAYOUT.length)) ?? [];
      if (!existsSync(path.join(place, 'index.json')))
        throw new EngineError(
          'invalid',
          `--build-context ${name}=${source}: ${place} is no OCI layout (it has no index.json)`,
        );
      const own = `layout${layouts.size}`;
      layouts.set(own, place);
      return [name, `${LAYOUT}${own}${rest}`];
    }
    if (/^[a-z-]+:\/\/|^git@/.test(source)) return [name, source];
    if (!existsSync(source))
      throw new EngineError('invalid', `--build-context ${name}=${source}: there is no such folder`);
    folders.set(name, source);
    return [name, 'client'];
  });
  return { sources: Object.fromEntries(sources), folders, layouts };
}
