/** Hard links of an archive to files that are not in it, but where it was unpacked. */
import { linkSync, rmSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Owner } from '../../host/id-mapping.ts';
import { makeDirectories, pathInRoot } from './path-in-root.ts';

/**
 * @param root host path of the mounted root
 * @param destination where in it the archive was unpacked
 * @param links what each links, by its own name, both in the archive. Throws EngineError('invalid') when it is not there
 */
export function linkOuter(root: string, destination: string, links: ReadonlyMap<string, string>, owner: Owner): void {
  for (const [name, target] of links) {
    const file = pathInRoot(root, path.posix.join(destination, target), true);
    const folder = pathInRoot(root, path.posix.join(destination, path.posix.dirname(name)));
    makeDirectories(root, folder, owner);
    const place = path.join(folder, path.posix.basename(name));
    try {
      if (place !== file) rmSync(place, { force: true });
      if (place !== file) linkSync(file, place);
    } catch (cause) {
      const shown = `${JSON.stringify(name)} -> ${JSON.stringify(target)}`;
      throw new EngineError('invalid', `invalid hardlink ${shown}: no such file in the archive or the image`, {
        cause,
      });
    }
  }
}
