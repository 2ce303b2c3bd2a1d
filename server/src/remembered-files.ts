import type { Files } from './files.ts';

/** Longer texts are read again: what many files ask for is short, above all configuration. */
const LONGEST = 1 << 14;

/** Files that are looked at once, for a run in which nothing changes them: thousands of Dockerfiles have the same folders above them. */
export function rememberedFiles(files: Files): Files {
  const texts = new Map<string, string | undefined>();
  const kinds = new Map<string, 'file' | 'folder' | undefined>();
  return {
    read(path) {
      if (texts.has(path)) return texts.get(path);
      const text = files.read(path);
      if (text === undefined || text.length <= LONGEST) texts.set(path, text);
      return text;
    },
    kind(path) {
      if (!kinds.has(path)) kinds.set(path, files.kind(path));
      return kinds.get(path);
    },
    list: (path) => files.list(path),
  };
}
