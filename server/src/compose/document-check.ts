/** For tests of features: a text in which `|` is the caret. */
import { createLineIndex } from '#model/text/line-index.ts';
import { memoryFiles } from '../files.ts';
import { type ComposeDocument, readCompose } from './document.ts';

export function composeAt(
  marked: string,
  files: Record<string, string> = {},
): { document: ComposeDocument; offset: number } {
  const offset = marked.indexOf('|');
  const text = offset === -1 ? marked : marked.slice(0, offset) + marked.slice(offset + 1);
  const path = '/project/compose.yaml';
  const source = { uri: `file://${path}`, path, text, lines: createLineIndex(text), files: memoryFiles(files) };
  return { document: readCompose(source), offset };
}
