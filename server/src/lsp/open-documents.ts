/** The documents that the editor has open, parsed once per version. */
import { fileURLToPath } from 'node:url';
import { createLineIndex } from '#model/text/line-index.ts';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Files } from '../files.ts';
import type { Language, Source } from '../language.ts';

/** A document with its language: what the features need. */
export interface OpenDocument {
  readonly source: Source;
  readonly version: number;
  readonly language: Language<unknown>;
  /** What the language's parser made of it. */
  readonly document: unknown;
}

export interface OpenDocuments {
  /** Undefined when no language owns the document. */
  parsed(document: TextDocument | undefined): OpenDocument | undefined;
  forget(uri: string): void;
}

export function createOpenDocuments(languages: readonly Language<unknown>[], files: Files): OpenDocuments {
  const cache = new Map<string, OpenDocument>();
  return {
    parsed(document) {
      if (document === undefined) return undefined;
      const { uri, version } = document;
      const known = cache.get(uri);
      if (known?.version === version) return known;
      const language = languages.find((candidate) => candidate.owns(document.languageId, uri));
      if (language === undefined) return undefined;
      const text = document.getText();
      const source: Source = { uri, path: pathOf(uri), text, lines: createLineIndex(text), files };
      const opened = { source, version, language, document: language.parse(source) };
      cache.set(uri, opened);
      return opened;
    },
    forget: (uri) => void cache.delete(uri),
  };
}

function pathOf(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined; // a file URI with a host name, say
  }
}
