/** Paths of POSIX and Windows alike: they come from files that were written for either. */

/** Without the separator at the end. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'), 0));
}

export function isAbsolute(path: string): boolean {
  return /^(?:[\\/~]|[a-z]:[\\/])/i.test(path);
}

/** `.` and `..` resolved; an absolute path stays as it is. */
export function resolvePath(folder: string, path: string): string {
  if (isAbsolute(path)) return path;
  const parts = folder.split(/[\\/]/);
  for (const part of path.split(/[\\/]/)) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/') || '/';
}
