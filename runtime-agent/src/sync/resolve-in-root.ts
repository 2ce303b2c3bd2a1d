import { readlink } from 'node:fs/promises';
import { EngineError } from '#model/engine-api/errors.ts';

const LINK_LIMIT = 40; // as the kernel's

/**
 * The path with every link resolved as a process whose root directory is `root` would see it: absolute link targets
 * start at the root, `..` never leaves it. What does not exist is left as it is.
 */
export async function resolveInRoot(root: string, path: string): Promise<string> {
  const pending = path.split('/').reverse();
  const done: string[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      continue;
    }
    const target = await readlink([root, ...done, part].join('/')).catch(() => undefined);
    if (target === undefined) {
      done.push(part);
      continue;
    }
    if (++links > LINK_LIMIT) throw new EngineError('invalid', `${path}: too many levels of symbolic links`);
    if (target.startsWith('/')) done.length = 0;
    pending.push(...target.split('/').reverse());
  }
  return [root, ...done].join('/');
}
