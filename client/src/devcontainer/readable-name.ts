import path from 'node:path';

/** What a folder is called, in the letters that names of containers and hosts may have: `[a-z0-9-]`, at most 40. */
export function readableName(folder: string): string {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
  return name === '' ? 'folder' : name;
}
