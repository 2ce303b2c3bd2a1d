import { type Span, touches } from '#model/text/span.ts';
import type { RangeEdit } from '../language.ts';
import type { DockerfileDocument } from './document.ts';
import { occurrences, stageAt } from './occurrences.ts';

/** The word to rename; undefined where there is none, or where it cannot be renamed: a stage without a name. */
export function prepareRename(document: DockerfileDocument, offset: number): Span | undefined {
  const found = stageAt(document, offset);
  if (
    found !== undefined &&
    (found.stage.name === undefined || /^\d+$/.test(document.text.slice(found.span.start, found.span.end)))
  ) {
    return undefined;
  }
  return occurrences(document, offset).find(({ span }) => touches(span, offset))?.span;
}

/** All places at once, those in `--from=` and `RUN --mount=from=` too. A number that means the stage stays. */
export function rename(document: DockerfileDocument, offset: number, name: string): RangeEdit[] {
  const { lines, uri } = document.source;
  if (prepareRename(document, offset) === undefined) return [];
  const isNumber = (span: Span): boolean => /^\d+$/.test(document.text.slice(span.start, span.end));
  return occurrences(document, offset)
    .filter(({ span }) => !isNumber(span))
    .map(({ span }) => ({
      uri,
      range: { start: lines.positionAt(span.start), end: lines.positionAt(span.end) },
      text: name,
    }));
}
