import { type Span, touches } from '#model/text/span.ts';
import type { FileEdit } from '../language.ts';
import type { ComposeDocument } from './document.ts';
import { targetAt, targetOccurrences } from './build-target.ts';
import { nameAt, occurrences, occurrencesElsewhere } from './names.ts';
import { namesIn } from './project.ts';

/** Names and anchors can be renamed. Variables cannot: they are set elsewhere. */
export function prepareRename(document: ComposeDocument, offset: number): Span | undefined {
  const target = targetAt(document, offset);
  if (target !== undefined) return targetOccurrences(document, target).length > 0 ? target.span : undefined;
  const found = occurrences(document, offset);
  if (!found.some(({ kind }) => kind === 'definition') && nameAt(document, offset) === undefined) return undefined;
  return found.find(({ span }) => touches(span, offset))?.span;
}

const STAGE = /^[a-z][a-z0-9_.-]*$/i;
const ANCHOR = /^[^\s[\]{},&*!|>'"%@`#]+$/;
/** The Compose Specification's pattern for keys of services, networks, volumes and the like. */
const NAME = /^[a-zA-Z0-9._-]+$/;

export function renameProblem(document: ComposeDocument, offset: number, newName: string): string | undefined {
  if (targetAt(document, offset) !== undefined) {
    return STAGE.test(newName)
      ? undefined
      : 'The name of a stage starts with a letter and has only letters, digits, dots, dashes and underscores.';
  }
  const name = nameAt(document, offset);
  if (name === undefined) {
    return ANCHOR.test(newName) ? undefined : 'The name of an anchor has no white space and none of []{},&*!|>\'"%@`#.';
  }
  if (!NAME.test(newName)) return 'A name in a Compose file has only letters, digits, dots, dashes and underscores.';
  const isTaken = newName !== name.name && namesIn(document.root, document.project, name.section).has(newName);
  return isTaken ? `There is already an entry ${newName} in ${name.section}.` : undefined;
}

/** In all files of the project: base file, override, includes. */
export function rename(document: ComposeDocument, offset: number, newName: string): FileEdit[] {
  if (prepareRename(document, offset) === undefined) return [];
  const { uri, text } = document.source;
  const here = occurrences(document, offset).map(({ span }) => ({ uri, text, span, newText: newName }));
  return [...here, ...occurrencesElsewhere(document, offset).map((one) => ({ ...one, newText: newName }))];
}
