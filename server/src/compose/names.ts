/** Services, networks, volumes … by name: where they are defined and used; anchors and variables likewise. */
import { entriesOf, entryOf, valueAt } from '#model/compose/tree.ts';
import { allVariables } from '#model/compose/interpolation.ts';
import { type Span, touches } from '#model/text/span.ts';
import { pathToFileURL } from 'node:url';
import type { Location, Occurrence } from '../language.ts';
import { anchorAt } from './anchors.ts';
import type { ComposeDocument } from './document.ts';
import { extendedElsewhereAt } from './extended.ts';
import { type StageTarget, targetsOfCompose } from '../dockerfile/stage-targets.ts';
import { targetAt, targetOccurrences } from './build-target.ts';
import { fileMentions } from './file-mentions.ts';
import type { Section } from './project.ts';
import { referencesIn, type Reference } from './references.ts';
import { variablesOf } from './variables.ts';

export const SECTIONS: readonly Section[] = ['services', 'networks', 'volumes', 'secrets', 'configs', 'models'];

export interface Name {
  readonly section: Section;
  readonly name: string;
  readonly span: Span;
}

/** The name at the offset: a definition's key, or a use. */
export function nameAt({ root, references }: ComposeDocument, offset: number): Name | undefined {
  const used = references.find(({ span }) => touches(span, offset));
  if (used !== undefined) return used;
  for (const section of SECTIONS) {
    for (const { key, keySpan, merged } of entriesOf(valueAt(root, section))) {
      if (!merged && touches(keySpan, offset)) return { section, name: key, span: keySpan };
    }
  }
  return undefined;
}

export function occurrences(document: ComposeDocument, offset: number): Occurrence[] {
  const name = nameAt(document, offset);
  if (name !== undefined) return occurrencesOf(document.root, document.references, name);
  const target = targetAt(document, offset);
  if (target !== undefined) return sameTargets(document, target);
  return anchorOccurrences(document, offset) ?? variableOccurrences(document, offset) ?? [];
}

/** Of this file: other services may build the same stage. */
function sameTargets({ root, source }: ComposeDocument, { name, dockerfile }: StageTarget): Occurrence[] {
  return targetsOfCompose(root, source.path ?? '')
    .filter((one) => one.dockerfile === dockerfile && one.name.toLowerCase() === name.toLowerCase())
    .map(({ span }) => ({ span, kind: 'use' }));
}

function occurrencesOf(
  root: ComposeDocument['root'],
  references: readonly Reference[],
  { section, name }: Name,
): Occurrence[] {
  const defined = entryOf(valueAt(root, section), name);
  const definitions: Occurrence[] = defined === undefined ? [] : [{ span: defined.keySpan, kind: 'definition' }];
  const uses = references.filter((one) => one.section === section && one.name === name);
  return [...definitions, ...uses.map(({ span }): Occurrence => ({ span, kind: 'use' }))];
}

function anchorOccurrences(document: ComposeDocument, offset: number): Occurrence[] | undefined {
  const anchor = anchorAt(document, offset)?.anchor;
  if (anchor === undefined) return undefined;
  const nameOf = ({ start, end }: Span): Span => ({ start: start + 1, end });
  return [
    { span: nameOf(anchor.span), kind: 'definition' },
    ...anchor.aliases.map((span): Occurrence => ({ span: nameOf(span), kind: 'use' })),
  ];
}

function variableOccurrences(document: ComposeDocument, offset: number): Occurrence[] | undefined {
  const all = [...allVariables(variablesOf(document).variables)];
  const found = all.findLast(({ nameSpan }) => touches(nameSpan, offset));
  return found === undefined
    ? undefined
    : all.filter(({ name }) => name === found.name).map(({ nameSpan }) => ({ span: nameSpan, kind: 'use' }));
}

/** Where the name, anchor, variable or file at the offset is defined, in whichever file of the project. */
export function definition(document: ComposeDocument, offset: number): Location[] {
  const { source, project, root } = document;
  const name = nameAt(document, offset);
  if (name !== undefined) {
    const own = entryOf(valueAt(root, name.section), name.name);
    const here = own === undefined ? [] : [locationIn(source.uri, source.text, own.keySpan)];
    const elsewhere = project.files.flatMap((file) => {
      const entry = entryOf(valueAt(file.tree.root, name.section), name.name);
      return entry === undefined ? [] : [locationIn(pathToFileURL(file.path).href, file.tree.text, entry.keySpan)];
    });
    return [...here, ...elsewhere];
  }
  const extended = extendedElsewhereAt(document, offset)?.extended;
  if (extended !== undefined) return [locationIn(extended.uri, extended.text, extended.entry.keySpan)];
  const target = targetAt(document, offset);
  if (target !== undefined) return targetOccurrences(document, target).filter(({ kind }) => kind === 'definition');
  const anchor = anchorOccurrences(document, offset)?.[0];
  if (anchor !== undefined) return [locationIn(source.uri, source.text, anchor.span)];
  return [...variableDefinition(document, offset), ...fileDefinition(document, offset)];
}

function variableDefinition(document: ComposeDocument, offset: number): Location[] {
  const all = [...allVariables(variablesOf(document).variables)];
  const found = all.findLast(({ nameSpan }) => touches(nameSpan, offset));
  const set = found === undefined ? undefined : document.project.env.get(found.name);
  const text = set === undefined ? undefined : document.source.files.read(set.path);
  return set === undefined || text === undefined ? [] : [locationIn(pathToFileURL(set.path).href, text, set.nameSpan)];
}

function fileDefinition(document: ComposeDocument, offset: number): Location[] {
  const mention = fileMentions(document).find(({ span, kind }) => kind === 'file' && touches(span, offset));
  if (mention === undefined || document.source.files.kind(mention.path) !== 'file') return [];
  return [locationIn(pathToFileURL(mention.path).href, '', { start: 0, end: 0 })];
}

function locationIn(uri: string, text: string, span: Span): Location {
  return { uri, text, span };
}

/** Every place of the name at the offset in the other files of the project. */
export function occurrencesElsewhere(document: ComposeDocument, offset: number): (Location & Occurrence)[] {
  const target = targetAt(document, offset);
  if (target !== undefined) {
    return targetOccurrences(document, target).filter(({ uri }) => uri !== document.source.uri);
  }
  const name = nameAt(document, offset);
  if (name === undefined) return [];
  return document.project.files.flatMap(({ path, tree }) => {
    const services = entriesOf(valueAt(tree.root, 'services'));
    const uri = pathToFileURL(path).href;
    return occurrencesOf(tree.root, referencesIn(services), name).map((one) => ({ ...one, uri, text: tree.text }));
  });
}
