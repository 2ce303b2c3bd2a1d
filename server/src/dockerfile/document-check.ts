/** For tests of features: a text in which `|` is the caret. */
import { createLineIndex } from '#model/text/line-index.ts';
import { memoryFiles } from '../files.ts';
import { type DockerfileDocument, readDockerfile } from './document.ts';

export function documentAt(
  marked: string,
  files: Record<string, string> = {},
): { document: DockerfileDocument; offset: number } {
  const offset = marked.indexOf('|');
  const text = offset === -1 ? marked : marked.slice(0, offset) + marked.slice(offset + 1);
  const path = '/project/Dockerfile';
  const source = { uri: `file://${path}`, path, text, lines: createLineIndex(text), files: memoryFiles(files) };
  return { document: readDockerfile(source), offset };
}
