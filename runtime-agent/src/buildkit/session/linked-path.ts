/** Where symlinks lead in a folder of a client. */

/** As many as the kernel follows. */
const MOST_LINKS = 40;

/**
 * @param targetOf where the symlink at a path points to; undefined for what is none
 * @returns the path without symlinks, none of which leads out of the folder; undefined when they lead round
 */
export function linkedPath(path: string, targetOf: (path: string) => string | undefined): string | undefined {
  const pending = path.split('/').reverse();
  let done: string[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '..') done.pop();
    if (part === '' || part === '.' || part === '..') continue;
    const target = targetOf([...done, part].join('/'));
    if (target === undefined) {
      done.push(part);
      continue;
    }
    if (++links > MOST_LINKS) return undefined;
    if (target.startsWith('/')) done = [];
    pending.push(...target.split('/').reverse());
  }
  return done.join('/');
}
