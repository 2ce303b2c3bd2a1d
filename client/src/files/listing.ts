/** How the contents of a container's folders are asked for and read. Pure. */

export interface FileEntry {
  readonly name: string;
  /** Of what a symbolic link leads to; `other`: devices, sockets, and links that lead nowhere. */
  readonly kind: 'file' | 'folder' | 'other';
  readonly link: boolean;
  /** Bytes. */
  readonly size: number;
  /** ms since 1970. */
  readonly changed: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const FORMAT = '%f %s %Y %u %g %n';
const SEPARATOR = '--links--';

/** For sh -c with the folder as $1. Files first as they are, then what links lead to. Exit code 3: no such folder. */
export const LIST_SCRIPT = `cd -- "$1" 2>/dev/null || exit 3
stat -c '${FORMAT}' -- * .[!.]* ..?* 2>/dev/null
echo '${SEPARATOR}'
stat -L -c '${FORMAT}' -- * .[!.]* ..?* 2>/dev/null
exit 0`;

/** For sh -c with the path as $1. Exit code 3: no such file. */
export const STAT_SCRIPT = `stat -c '${FORMAT}' -- "$1" 2>/dev/null || exit 3
echo '${SEPARATOR}'
stat -L -c '${FORMAT}' -- "$1" 2>/dev/null
exit 0`;

const TYPE = 0o170000;
const [FOLDER, FILE, LINK] = [0o040000, 0o100000, 0o120000];

/** Folders first, then by name. A name with a line break in it is left out. */
export function parseListing(output: string): FileEntry[] {
  const [own = '', followed = ''] = output.split(`${SEPARATOR}\n`);
  const targets = new Map(lines(followed).map((entry) => [entry.name, entry]));
  const entries = lines(own).map((entry) => {
    if (!entry.link) return entry;
    const target = targets.get(entry.name);
    return target === undefined ? entry : { ...target, link: true };
  });
  const rank = ({ kind }: FileEntry): number => (kind === 'folder' ? 0 : 1);
  return entries.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function lines(text: string): FileEntry[] {
  return [...text.matchAll(/^([0-9a-f]+) (\d+) (-?\d+) (\d+) (\d+) (.+)$/gm)].map(
    ([, raw = '', size, changed, uid, gid, name = '']) => {
      const mode = Number.parseInt(raw, 16);
      const type = mode & TYPE;
      return {
        name,
        kind: type === FOLDER ? 'folder' : type === FILE ? 'file' : 'other',
        link: type === LINK,
        size: Number(size),
        changed: Number(changed) * 1000,
        mode: mode & 0o7777,
        uid: Number(uid),
        gid: Number(gid),
      };
    },
  );
}
