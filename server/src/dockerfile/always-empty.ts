import { expandText } from '#model/dockerfile/expand.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { Span } from '#model/text/span.ts';
import type { DockerfileDocument } from './document.ts';
import { mayComeFromImage } from '#model/dockerfile/image-environment.ts';

/** Is there nothing in this place but variables that neither the file, the base image nor a build argument gives a value? */
export function isAlwaysEmpty(
  { variables, escape, text }: DockerfileDocument,
  instruction: Instruction,
  { start, end }: Span,
): boolean {
  const place = text.slice(start, end);
  if (!place.includes('$')) return false;
  for (const { span, definition, predefined, stage, name } of variables.usesIn(instruction)) {
    if (span.start < start || span.end > end) continue;
    const fromImage = instruction.keyword !== 'FROM' && stage !== undefined && mayComeFromImage(stage, name);
    if (definition !== undefined || predefined || fromImage) return false;
  }
  const { value, error } = expandText(place, () => undefined, { escape });
  return error === undefined && value === '';
}
