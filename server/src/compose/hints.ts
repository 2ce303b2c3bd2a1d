import { allVariables } from '#model/compose/interpolation.ts';
import type { InlayHint } from '../language.ts';
import type { ComposeDocument } from './document.ts';
import { variablesOf } from './variables.ts';

const LONGEST = 40;

/** What variables are worth by `.env`. Defaults stand in the file; what the environment sets is not known here. */
export function hints(document: ComposeDocument): InlayHint[] {
  const { env } = document.project;
  return [...allVariables(variablesOf(document).variables)].flatMap(({ name, span }) => {
    const value = env.get(name)?.value;
    if (value === undefined || value === '' || value.includes('\n')) return [];
    const shown = value.length > LONGEST ? `${value.slice(0, LONGEST - 1)}…` : value;
    return [{ offset: span.end, label: `= ${shown}`, tooltip: `\`${name}\`, from \`.env\`` }];
  });
}
