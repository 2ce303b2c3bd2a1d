/** Tar archives made by hand, so that tests can say what no tar program would write. */
import { encodeHeader, padding, type TarEntry, type TarType } from '../../runtime-agent/src/snapshots/tar-entry.ts';

export interface HandEntry extends Partial<Omit<TarEntry, 'type' | 'size'>> {
  readonly name: string;
  /** Default: a file. */
  readonly type?: TarType;
  readonly data?: string | Buffer;
}

const DEFAULTS: Omit<TarEntry, 'name'> = {
  type: '0',
  linkName: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: '1700000000',
  deviceMajor: 0,
  deviceMinor: 0,
  xattrs: [],
  sparse: [],
};

/** @param end the two zero blocks, left out to cut the archive short */
export function handMadeTar(entries: readonly HandEntry[], end: Buffer = Buffer.alloc(1024)): Buffer {
  const parts = entries.map(({ data = '', ...entry }) => {
    const bytes = Buffer.from(data);
    const mode = entry.type === '5' ? 0o755 : 0o644;
    const header = encodeHeader({ ...DEFAULTS, mode, ...entry, size: bytes.length });
    return Buffer.concat([header, bytes, Buffer.alloc(padding(bytes.length))]);
  });
  return Buffer.concat([...parts, end]);
}
