/** Plain tar entries for archives that the engine writes itself. */
import { BLOCK, encodeHeader, padding, type TarType } from './tar-entry.ts';

export interface PlainEntry {
  readonly name: string;
  /** Default: a file. */
  readonly type?: TarType;
  readonly size: number;
  readonly modified?: Date;
}

/** The header of an entry of root, mode 0644 (directories 0755). */
export function plainHeader({ name, type = '0', size, modified = new Date(0) }: PlainEntry): Buffer {
  return encodeHeader({
    type,
    name: Buffer.from(name).toString('latin1'),
    linkName: '',
    mode: type === '5' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size,
    mtime: String(Math.max(0, Math.floor(modified.getTime() / 1000))),
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: [],
    sparse: [],
  });
}

export function tarPadding(size: number): Buffer {
  return Buffer.alloc(padding(size));
}

/** What ends an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}
