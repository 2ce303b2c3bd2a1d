/** What variables are worth where an instruction stands, as far as the file says it. */
import { expandText, type Lookup } from './expand.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { type Definition, type Variables, visibleAt } from './variables.ts';

export interface WithValues {
  readonly variables: Variables;
  /** Of definitions, as far as somebody asked. */
  readonly values: Map<Definition, string | undefined>;
  /** Build arguments. */
  readonly given: Readonly<Record<string, string>>;
  readonly escape: '\\' | '`';
}

/** Fuel: each of a row of variables may double the one before it. Nobody reads more than this. */
const LONGEST_VALUE = 4096;

/** Fuel: of a longer row of variables, each of which holds the one before it, nothing is known. */
const LONGEST_ROW = 200;

/** Values as the build's arguments, where they are known, and the file itself give them. */
export function valueBefore(document: WithValues, instruction: Instruction, stage: Stage | undefined): Lookup {
  let isVisible: ((definition: Definition) => boolean) | undefined;
  return (name) => {
    const definitions = document.variables.named(name);
    if (definitions.length === 0) return undefined;
    const definition = definitions.findLast((isVisible ??= visibleAt(instruction, stage)));
    return definition === undefined ? undefined : valueOf(document, definition);
  };
}

/** The definition's value, its own variables replaced; undefined for an ARG without one, and for one without an end. */
export function valueOf(document: WithValues, definition: Definition, row = 0): string | undefined {
  const { values } = document;
  if (row > LONGEST_ROW) return undefined;
  if (!values.has(definition)) {
    // Words of one ARG may seem to see each other: it ends here.
    values.set(definition, undefined);
    values.set(definition, compute(document, definition, row + 1));
  }
  return values.get(definition);
}

function compute(document: WithValues, definition: Definition, row: number): string | undefined {
  const { name, kind, property, instruction, inherits } = definition;
  const given = kind === 'ARG' ? document.given[name] : undefined;
  if (given !== undefined) return given;
  if (property.value === undefined) return inherits === undefined ? undefined : valueOf(document, inherits, row);
  if (property.value.length > LONGEST_VALUE) return undefined;
  if (!property.value.includes('$'))
    return expandText(property.value, () => undefined, { escape: document.escape }).value;
  const seen = document.variables.seenBy(instruction);
  const lookup: Lookup = (name) => {
    const other = seen.get(name);
    return other === undefined ? undefined : valueOf(document, other, row);
  };
  const { value } = expandText(property.value, lookup, { escape: document.escape });
  return value.length > LONGEST_VALUE ? undefined : value;
}
