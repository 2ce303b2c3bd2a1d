/** The text of a document that the editor has open, kept up to date by its changes. */
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver/node';
import { createPositions, type PositionEncoding, type Positions } from './positions.ts';

export interface OpenText {
  readonly uri: string;
  readonly languageId: string;
  readonly version: number;
  readonly text: string;
  readonly positions: Positions;
}

export function createOpenText(
  uri: string,
  languageId: string,
  version: number,
  text: string,
  encoding: PositionEncoding,
): OpenText {
  return { uri, languageId, version, text, positions: createPositions(text, encoding) };
}

/** The changes one after the other: the place of each is in the text that the one before it left. */
export function updateOpenText(
  { uri, languageId, text, positions }: OpenText,
  changes: readonly TextDocumentContentChangeEvent[],
  version: number,
  encoding: PositionEncoding,
): OpenText {
  let current = { text, positions };
  for (const change of changes) {
    let next = change.text;
    if ('range' in change) {
      const start = current.positions.offsetAt(change.range.start);
      const end = Math.max(start, current.positions.offsetAt(change.range.end));
      next = current.text.slice(0, start) + change.text + current.text.slice(end);
    }
    current = { text: next, positions: createPositions(next, encoding) };
  }
  return { uri, languageId, version, ...current };
}
