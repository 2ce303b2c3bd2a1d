import { lstatSync, opendirSync } from 'node:fs';
import path from 'node:path';

const MOST_ENTRIES = 64;
const MOST_BYTES = 256 * 1024;

/** Whether a directory holds, at any depth, few entries with few bytes: found out without looking at more than those. */
export function isSmallDirectory(directory: string): boolean {
  let entries = 0;
  let bytes = 0;
  const fits = (folder: string): boolean => {
    using opened = opendirSync(folder);
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      const file = path.join(folder, entry.name);
      bytes += lstatSync(file).size;
      if (++entries > MOST_ENTRIES || bytes > MOST_BYTES || (entry.isDirectory() && !fits(file))) return false;
    }
    return true;
  };
  try {
    return fits(directory);
  } catch {
    return false; // a name that is no UTF-8, for one
  }
}
