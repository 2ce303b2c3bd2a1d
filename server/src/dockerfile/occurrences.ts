/** Stages, variables and heredocs: every place that means the same one. */
import { type Stage, stageReferred } from '#model/dockerfile/syntax/stages.ts';
import { type Span, touches } from '#model/text/span.ts';
import type { Occurrence } from '../language.ts';
import type { DockerfileDocument } from './document.ts';
import { stageReferences } from './stage-references.ts';
import type { Definition } from '#model/dockerfile/variables.ts';

/** Definitions first; empty where the word at the offset means none of them. */
export function occurrences(document: DockerfileDocument, offset: number): Occurrence[] {
  return (
    stageOccurrences(document, offset) ??
    variableOccurrences(document, offset) ??
    heredocOccurrences(document, offset) ??
    []
  );
}

export function stageAt(document: DockerfileDocument, offset: number): { stage: Stage; span: Span } | undefined {
  const { stages } = document;
  const named = stages.find(({ name }) => name !== undefined && touches(name.span, offset));
  if (named?.name !== undefined) return { stage: named, span: named.name.span };
  for (const { stage, text, span, by } of stageReferences(stages)) {
    if (!touches(span, offset)) continue;
    const target = by === 'FROM' ? stage.base : stageReferred(stages, text, stage.index);
    return target === undefined ? undefined : { stage: target, span };
  }
  return undefined;
}

function stageOccurrences(document: DockerfileDocument, offset: number): Occurrence[] | undefined {
  const found = stageAt(document, offset);
  if (found === undefined) return undefined;
  const { stages } = document;
  const uses: Occurrence[] = [];
  for (const { stage, text, span, by } of stageReferences(stages)) {
    const target = by === 'FROM' ? stage.base : stageReferred(stages, text, stage.index);
    if (target === found.stage) uses.push({ span, kind: 'use' });
  }
  const { name, from } = found.stage;
  return [{ span: name?.span ?? from.nameSpan, kind: 'definition' }, ...uses];
}

export function definitionAt(
  { variables }: DockerfileDocument,
  offset: number,
): { definition: Definition; span: Span } | undefined {
  const own = variables.definitions.find(({ property }) => touches(property.nameSpan, offset));
  if (own !== undefined) return { definition: own, span: own.property.nameSpan };
  // Of nested variables (`${a:-$b}`) the inner one is meant.
  const use = variables.uses.findLast(({ nameSpan }) => touches(nameSpan, offset));
  return use?.definition === undefined ? undefined : { definition: use.definition, span: use.nameSpan };
}

function variableOccurrences(document: DockerfileDocument, offset: number): Occurrence[] | undefined {
  const found = definitionAt(document, offset);
  if (found === undefined) return undefined;
  const same = sameVariable(document, found.definition);
  const uses = document.variables.uses.filter(({ definition }) => definition !== undefined && same.has(definition));
  return [
    ...[...same].map(({ property }): Occurrence => ({ span: property.nameSpan, kind: 'definition' })),
    ...uses.map(({ nameSpan }): Occurrence => ({ span: nameSpan, kind: 'use' })),
  ];
}

/** An argument declared again in a stage is the same one; so is a variable set again in the same line of stages. */
function sameVariable({ variables }: DockerfileDocument, start: Definition): Set<Definition> {
  const named = variables.definitions.filter(({ name, kind }) => name === start.name && kind === start.kind);
  const same = new Set([start]);
  for (let size = 0; size !== same.size; ) {
    size = same.size;
    for (const one of named) if ([...same].some((other) => belongTogether(one, other))) same.add(one);
  }
  return new Set(named.filter((one) => same.has(one)));
}

function belongTogether(a: Definition, b: Definition): boolean {
  if (a.inherits === b || b.inherits === a || (a.inherits !== undefined && a.inherits === b.inherits)) return true;
  return a.stage === b.stage || isBelow(a.stage, b.stage) || isBelow(b.stage, a.stage);
}

function isBelow(stage: Stage | undefined, base: Stage | undefined): boolean {
  for (let at = stage?.base; at !== undefined; at = at.base) if (at === base) return true;
  return false;
}

function heredocOccurrences({ instructions }: DockerfileDocument, offset: number): Occurrence[] | undefined {
  for (const { nameSpan, terminator } of instructions.flatMap(({ heredocs }) => heredocs)) {
    const places = [nameSpan, ...(terminator === undefined ? [] : [terminator])];
    if (!places.some((span) => touches(span, offset))) continue;
    return places.map((span, i) => ({ span, kind: i === 0 ? 'definition' : 'use' }));
  }
  return undefined;
}
