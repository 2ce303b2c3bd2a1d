/** What variables are worth where an instruction stands, as far as the file says it. */
import { expandText, type Lookup } from '#model/dockerfile/expand.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { DockerfileDocument } from './document.ts';
import { type Definition, definitionsBefore } from './variables.ts';

/** Values as if built without `--build-arg`. */
export function valueBefore(document: DockerfileDocument, instruction: Instruction, stage: Stage | undefined): Lookup {
  const visible = definitionsBefore(document.variables, instruction, stage);
  return (name) => {
    const definition = visible.get(name);
    return definition === undefined ? undefined : valueOf(document, definition);
  };
}

/** The definition's value, its own variables replaced; undefined for an ARG without one. */
export function valueOf(document: DockerfileDocument, definition: Definition): string | undefined {
  const { property, instruction, stage, inherits } = definition;
  if (property.value !== undefined) {
    // A definition sees only what stands before it, so this ends.
    const lookup = valueBefore(document, instruction, stage);
    return expandText(property.value, lookup, { escape: document.escape }).value;
  }
  return inherits === undefined ? undefined : valueOf(document, inherits);
}
