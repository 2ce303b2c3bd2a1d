/** The documents that the editor has open, parsed once per version. */
import { createLineIndex } from '#model/text/line-index.ts';
import { type Files, overlay } from '../files.ts';
import type { Language, RuleFailed, Source } from '../language.ts';
import { TOO_LONG } from '../too-long.ts';
import { pathOfUri } from './file-uri.ts';
import type { OpenText } from './open-text.ts';
import type { Positions } from './positions.ts';

/** A document with its language: what the features need. */
export interface OpenDocument {
  readonly source: Source;
  readonly version: number;
  readonly positions: Positions;
  readonly language: Language<unknown>;
  /** What the language's parser made of it. */
  readonly document: unknown;
}

export interface OpenDocuments {
  /** Undefined when it is not open, or no language owns it; of language TOO_LONG where the one that does gives up. */
  parsed(uri: string): OpenDocument | undefined;
  /** What was read from other files may have changed. */
  forgetAll(): void;
}

export interface Surroundings {
  readonly languages: readonly Language<unknown>[];
  readonly disk: Files;
  /** The text that the editor shows, which goes before what is on disk. */
  readonly opened: (uri: string) => OpenText | undefined;
  readonly all: () => readonly OpenText[];
  readonly workspace: () => readonly string[];
  readonly ruleFailed: RuleFailed;
}

/** Fuel, where a language has none of its own: what is longer (in UTF-16 units) would keep the server busy for seconds. */
const LONGEST_TEXT = 1_000_000;

export function isTooLong(text: string, { longest = LONGEST_TEXT }: Language<unknown>): boolean {
  return text.length > longest;
}

export function createOpenDocuments({
  languages,
  disk,
  opened,
  all,
  workspace,
  ruleFailed,
}: Surroundings): OpenDocuments {
  const cache = new Map<string, OpenDocument>();
  const files = overlay(disk, (path) => all().find(({ uri }) => pathOfUri(uri) === path)?.text);
  return {
    parsed(uri) {
      const document = opened(uri);
      if (document === undefined) {
        cache.delete(uri);
        return undefined;
      }
      const { version, text, positions } = document;
      const known = cache.get(uri);
      if (known?.version === version && known.source.text === text) return known;
      const owner = languages.find((candidate) => candidate.owns(document.languageId, uri));
      if (owner === undefined) return undefined;
      const language = isTooLong(text, owner) ? TOO_LONG : owner;
      const lines = createLineIndex(text);
      const source: Source = { uri, path: pathOfUri(uri), text, lines, files, workspace, ruleFailed };
      const previous = known?.language === language ? known.document : undefined;
      const read = { source, version, positions, language, document: language.parse(source, previous) };
      cache.set(uri, read);
      return read;
    },
    forgetAll: () => cache.clear(),
  };
}
