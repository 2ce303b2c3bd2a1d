import { pathToFileURL } from 'node:url';
import { createLineIndex } from '#model/text/line-index.ts';
import { type Span, touches } from '#model/text/span.ts';
import type { RangeEdit } from '../language.ts';
import type { ComposeDocument } from './document.ts';
import { nameAt, occurrences, occurrencesElsewhere } from './names.ts';

/** Names and anchors can be renamed. Variables cannot: they are set elsewhere. */
export function prepareRename(document: ComposeDocument, offset: number): Span | undefined {
  const found = occurrences(document, offset);
  if (!found.some(({ kind }) => kind === 'definition') && nameAt(document, offset) === undefined) return undefined;
  return found.find(({ span }) => touches(span, offset))?.span;
}

/** In all files of the project: base file, override, includes. */
export function rename(document: ComposeDocument, offset: number, newName: string): RangeEdit[] {
  if (prepareRename(document, offset) === undefined) return [];
  const { uri, text } = document.source;
  const here = occurrences(document, offset).map(({ span }) => editIn(uri, text, span, newName));
  const name = nameAt(document, offset);
  const elsewhere = name === undefined ? [] : occurrencesElsewhere(document, name);
  return [
    ...here,
    ...elsewhere.flatMap(({ file, spans }) =>
      spans.map((span) => editIn(pathToFileURL(file.path).href, file.tree.text, span, newName)),
    ),
  ];
}

function editIn(uri: string, text: string, span: Span, newName: string): RangeEdit {
  const lines = createLineIndex(text);
  return { uri, range: { start: lines.positionAt(span.start), end: lines.positionAt(span.end) }, text: newName };
}
