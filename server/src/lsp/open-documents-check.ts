/** For tests of the server's parts: documents as an editor has them open. */
import { type Files, memoryFiles } from '../files.ts';
import type { Language } from '../language.ts';
import { EDITOR_LANGUAGES } from '../languages.ts';
import { createOpenDocuments, type OpenDocuments } from './open-documents.ts';
import { createOpenText } from './open-text.ts';

/** @param texts URI -> language id and text */
export function openDocuments(
  texts: Readonly<Record<string, readonly [languageId: string, text: string]>>,
  disk: Files = memoryFiles({}),
  languages: readonly Language<unknown>[] = EDITOR_LANGUAGES,
): OpenDocuments {
  const all = () =>
    Object.entries(texts).map(([uri, [languageId, text]]) => createOpenText(uri, languageId, 1, text, 'utf-16'));
  return createOpenDocuments({
    languages,
    disk,
    opened: (uri) => all().find((one) => one.uri === uri),
    all,
    workspace: () => [],
    ruleFailed(rule, error) {
      throw new Error(`the rule ${rule} failed`, { cause: error });
    },
  });
}
