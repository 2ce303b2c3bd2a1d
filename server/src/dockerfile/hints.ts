import type { InlayHint } from '../language.ts';
import type { DockerfileDocument } from './document.ts';
import { valueOf } from '#model/dockerfile/values.ts';

const LONGEST = 40;

/**
 * What variables are worth where the builder replaces them, and what an ARG without a value takes over. Not those that
 * the shell replaces: RUN would be full of them.
 */
export function hints(document: DockerfileDocument): InlayHint[] {
  const { uses, definitions } = document.variables;
  const found: InlayHint[] = [];
  const add = (offset: number, value: string | undefined, tooltip: string): void => {
    if (value === undefined || value === '' || value.includes('\n')) return;
    const shown = value.length > LONGEST ? `${value.slice(0, LONGEST - 1)}…` : value;
    found.push({ offset, label: `= ${shown}`, tooltip });
  };
  for (const { by, span, definition, instruction, name } of uses) {
    // ENV and ARG say it themselves where they are defined.
    if (by !== 'builder' || definition === undefined || instruction.keyword === 'ONBUILD') continue;
    add(span.end, valueOf(document, definition), `\`${name}\`, by ${definition.kind}, without \`--build-arg\``);
  }
  for (const definition of definitions) {
    const { property, inherits, name } = definition;
    if (property.value !== undefined || inherits === undefined) continue;
    add(property.nameSpan.end, valueOf(document, definition), `\`${name}\`, by the ARG before the first FROM`);
  }
  return found.sort((a, b) => a.offset - b.offset);
}
