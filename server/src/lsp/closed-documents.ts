/** The workspace's files that are not open, read and parsed when somebody asks about the whole workspace. */
import { pathToFileURL } from 'node:url';
import type { CancellationToken } from 'vscode-languageserver/node';
import { createLineIndex } from '#model/text/line-index.ts';
import type { Files } from '../files.ts';
import type { Language, RuleFailed, Source } from '../language.ts';
import { isTooLong, type OpenDocument } from './open-documents.ts';
import { createPositions, type PositionEncoding } from './positions.ts';

/** Version of a document that is not open. */
const CLOSED = 0;

export function closedDocument(
  path: string,
  files: Files,
  languages: readonly Language<unknown>[],
  encoding: PositionEncoding,
  ruleFailed: RuleFailed,
): OpenDocument | undefined {
  const uri = pathToFileURL(path).href;
  const text = files.read(path);
  const language = languages.find((one) => one.owns('', uri));
  if (text === undefined || language === undefined || isTooLong(text, language)) return undefined;
  const source: Source = { uri, path, text, lines: createLineIndex(text), files, ruleFailed };
  const positions = createPositions(text, encoding);
  return { source, version: CLOSED, positions, language, document: language.parse(source) };
}

/** One after the other, so that what the person does meanwhile is answered between them; ends early when cancelled. */
export async function* inTurn<T>(items: readonly T[], token: CancellationToken): AsyncGenerator<T> {
  for (const item of items) {
    await new Promise((resolve) => setImmediate(resolve));
    if (token.isCancellationRequested) return;
    yield item;
  }
}
