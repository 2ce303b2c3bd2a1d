/** The documents that the editor has open, parsed once per version. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createLineIndex } from '#model/text/line-index.ts';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type Files, overlay } from '../files.ts';
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
  /** Undefined when it is not open, or no language owns it. */
  parsed(uri: string): OpenDocument | undefined;
  /** What was read from other files may have changed. */
  forgetAll(): void;
}

/** @param opened the text that the editor shows, which goes before what is on disk */
export function createOpenDocuments(
  languages: readonly Language<unknown>[],
  disk: Files,
  opened: (uri: string) => TextDocument | undefined,
): OpenDocuments {
  const cache = new Map<string, OpenDocument>();
  const files = overlay(disk, (path) => opened(pathToFileURL(path).href)?.getText());
  return {
    parsed(uri) {
      const document = opened(uri);
      if (document === undefined) {
        cache.delete(uri);
        return undefined;
      }
      const { version } = document;
      const known = cache.get(uri);
      if (known?.version === version) return known;
      const language = languages.find((candidate) => candidate.owns(document.languageId, uri));
      if (language === undefined) return undefined;
      const text = document.getText();
      const source: Source = { uri, path: pathOf(uri), text, lines: createLineIndex(text), files };
      const read = { source, version, language, document: language.parse(source) };
      cache.set(uri, read);
      return read;
    },
    forgetAll: () => cache.clear(),
  };
}

function pathOf(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined; // a file URI with a host name, say
  }
}
