import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import { type Span, touches } from '#model/text/span.ts';
import type { FileEdit } from '../language.ts';
import type { DockerfileDocument } from './document.ts';
import { occurrencesElsewhere } from './occurrences-elsewhere.ts';
import { definitionAt, occurrences, stageAt } from './occurrences.ts';

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

const STAGE = /^[a-z][a-z0-9_.-]*$/i;
const VARIABLE = /^[A-Za-z_]\w*$/;
const HEREDOC = /^[^\s<>"'\\]+$/;
/** Stage names that BuildKit keeps for itself (its check ReservedStageName). */
const RESERVED: ReadonlySet<string> = new Set(['scratch', 'context']);

export function renameProblem(document: DockerfileDocument, offset: number, name: string): string | undefined {
  const found = stageAt(document, offset);
  if (found !== undefined) {
    if (!STAGE.test(name)) {
      return 'The name of a stage starts with a letter and has only letters, digits, dots, dashes and underscores.';
    }
    if (RESERVED.has(name.toLowerCase())) return `${name} is reserved: no stage can have that name.`;
    const isTaken = document.stages.some((one) => one !== found.stage && isNamed(one, name));
    return isTaken ? `There is already a stage ${name}.` : undefined;
  }
  if (definitionAt(document, offset) !== undefined) {
    return VARIABLE.test(name) ? undefined : 'A variable has only letters, digits and underscores, no digit first.';
  }
  return HEREDOC.test(name) ? undefined : 'The end mark of a heredoc has no white space and no quotes.';
}

function isNamed({ name }: Stage, wanted: string): boolean {
  return name?.text.toLowerCase() === wanted.toLowerCase();
}

/** All places at once, those in `--from=` and `RUN --mount=from=` too. A number that means the stage stays. */
export function rename(document: DockerfileDocument, offset: number, name: string): FileEdit[] {
  const { text, uri } = document.source;
  if (prepareRename(document, offset) === undefined) return [];
  const isNumber = (span: Span): boolean => /^\d+$/.test(document.text.slice(span.start, span.end));
  const here = occurrences(document, offset)
    .filter(({ span }) => !isNumber(span))
    .map(({ span }) => ({ uri, text, span, newText: name }));
  return [...here, ...occurrencesElsewhere(document, offset).map((one) => ({ ...one, newText: name }))];
}
