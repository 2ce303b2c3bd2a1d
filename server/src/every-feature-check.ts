/** For tests: asks a language everything about a text, and checks that what it answers is inside the text. */
import assert from 'node:assert/strict';
import { createLineIndex } from '#model/text/line-index.ts';
import type { Span } from '#model/text/span.ts';
import { type Files, memoryFiles } from './files.ts';
import type { Language, Source } from './language.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

const OPTIONS = { tabSize: 2, insertSpaces: true };

export function askEverything(
  language: Language<unknown>,
  path: string,
  text: string,
  offset: number,
  files: Files = memoryFiles({}),
): void {
  const source: Source = { uri: `file://${path}`, path, text, lines: createLineIndex(text), files };
  const document = language.parse(source);
  const inside = ({ start, end }: Span): void => {
    assert.ok(0 <= start && start <= end && end <= text.length, `${start}–${end} of ${text.length}`);
  };
  const edits = (found: readonly { readonly span: Span }[] | undefined): void => {
    const sorted = [...(found ?? [])].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
    for (const [i, { span }] of sorted.entries()) {
      inside(span);
      assert.ok(span.start >= (sorted[i - 1]?.span.end ?? 0), 'edits do not overlap');
    }
  };
  for (const finding of language.diagnose(document, DEFAULT_SETTINGS)) {
    inside(finding.span);
    for (const fix of finding.fixes ?? []) edits(fix.edits);
    const suppression = language.suppress?.(document, finding);
    if (suppression !== undefined) inside(suppression.span);
    const forFile = language.suppressInFile?.(document, finding);
    if (forFile !== undefined) inside(forFile.span);
  }
  for (const { span } of language.completion?.complete(document, offset) ?? []) inside(span);
  const image = language.completion?.imageAt?.(document, offset);
  if (image !== undefined) inside(image.span);
  language.signatures?.signature(document, offset);
  const hover = language.hover?.(document, offset);
  if (hover !== undefined) inside(hover.span);
  language.definition?.(document, offset);
  for (const { span } of language.occurrences?.(document, offset) ?? []) inside(span);
  language.occurrencesElsewhere?.(document, offset);
  if (language.renaming?.prepare(document, offset) !== undefined) {
    edits(language.renaming.rename(document, offset, 'renamed').filter(({ uri }) => uri === source.uri));
  }
  language.symbols?.(document);
  for (const { startLine, endLine } of language.folding?.(document) ?? []) assert.ok(startLine < endLine);
  for (const span of language.selection?.(document, offset) ?? []) inside(span);
  for (const { span } of language.links?.(document) ?? []) inside(span);
  language.hints?.(document);
  language.lenses?.(document);
  edits(language.format?.(document, OPTIONS));
  edits(language.typing?.formatAfter(document, offset, OPTIONS));
  edits(language.tokens?.(document));
  for (const script of language.shell?.scripts(document) ?? []) script.sourceAt(0);
}
