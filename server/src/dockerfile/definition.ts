import { touches } from '#model/text/span.ts';
import type { Location } from '../language.ts';
import type { DockerfileDocument } from './document.ts';
import { occurrences } from './occurrences.ts';

/** Where the stage, variable or heredoc at the offset is defined; for an argument declared again, the first place too. */
export function definition(document: DockerfileDocument, offset: number): Location[] {
  const { uri, text } = document.source;
  const definitions = occurrences(document, offset).filter(({ kind }) => kind === 'definition');
  const others = definitions.filter(({ span }) => !touches(span, offset));
  const shown = others.length > 0 ? others : definitions;
  return shown.map(({ span }) => ({ uri, text, span }));
}
