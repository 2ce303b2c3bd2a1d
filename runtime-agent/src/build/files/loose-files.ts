/** A tree of a few files that lie in no folder together: here-documents and downloads. */
import { copyFileSync, createReadStream, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { FileTree } from './file-tree.ts';

export interface LooseFile {
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  /** Seconds. */
  readonly mtime: number;
  readonly content: { readonly text: string } | { readonly file: string; readonly digest: string };
}

export function looseFiles(files: readonly LooseFile[]): FileTree {
  const find = (name: string): LooseFile => {
    const found = files.find((file) => file.name === name);
    if (found === undefined) throw new EngineError('internal', `no file ${name}`);
    return found;
  };
  const folder = { kind: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0, target: '' } as const;
  return {
    entry(name) {
      if (name === '') return folder;
      const file = files.find((candidate) => candidate.name === name);
      if (file === undefined) return undefined;
      const { content, mode, mtime } = file;
      const size = 'text' in content ? Buffer.byteLength(content.text) : statSync(content.file).size;
      return { kind: 'file', mode, uid: 0, gid: 0, mtime, size, target: '' };
    },
    children: () => files.map(({ name }) => name),
    copyContent(name, destination) {
      const { content } = find(name);
      if ('text' in content) writeFileSync(destination, content.text, { flag: 'wx' });
      else copyFileSync(content.file, destination);
    },
    read(name) {
      const { content } = find(name);
      return 'text' in content ? Readable.from([Buffer.from(content.text)]) : createReadStream(content.file);
    },
    digest(name) {
      const { content } = find(name);
      return 'text' in content ? createHash('sha256').update(content.text).digest('hex') : content.digest;
    },
  };
}
