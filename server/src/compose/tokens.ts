import { allVariables } from '#model/compose/interpolation.ts';
import type { SemanticToken } from '../language.ts';
import type { ComposeDocument } from './document.ts';
import { variablesOf } from './variables.ts';

/** Variables: to a YAML grammar they are plain text. */
export function tokens(document: ComposeDocument): SemanticToken[] {
  return [...allVariables(variablesOf(document).variables)].map(({ nameSpan }) => ({
    span: nameSpan,
    type: 'variable',
  }));
}
