import { allVariables } from '#model/compose/interpolation.ts';
import { type ComposeNode, entriesOf, textAt, valueAt } from '#model/compose/tree.ts';
import type { InlayHint } from '../language.ts';
import type { ComposeDocument } from './document.ts';
import { extendedBy } from './extended.ts';
import { variablesOf } from './variables.ts';

const LONGEST = 40;

export function hints(document: ComposeDocument): InlayHint[] {
  return [...variableHints(document), ...document.services.flatMap(({ value }) => overridden(document, value))];
}

/** What a service sets otherwise than the one that it extends. */
function overridden(document: ComposeDocument, service: ComposeNode): InlayHint[] {
  const extended = extendedBy(document, service);
  if (extended === undefined) return [];
  return entriesOf(service).flatMap(({ key, value, merged }) => {
    const before = textAt(valueAt(extended.entry.value, key));
    if (merged || value.kind !== 'scalar' || before === undefined || before === value.text) return [];
    const tooltip = `The service \`${extended.entry.key}\`, which this one extends, has another value.`;
    return [{ offset: value.span.end, label: `instead of ${shortened(before)}`, tooltip }];
  });
}

function shortened(value: string): string {
  return value.length > LONGEST ? `${value.slice(0, LONGEST - 1)}…` : value;
}

/** What variables are worth by `.env`. Defaults stand in the file; what the environment sets is not known here. */
function variableHints(document: ComposeDocument): InlayHint[] {
  const { env } = document.project;
  return [...allVariables(variablesOf(document).variables)].flatMap(({ name, span }) => {
    const value = env.get(name)?.value;
    if (value === undefined || value === '' || value.includes('\n')) return [];
    return [{ offset: span.end, label: `= ${shortened(value)}`, tooltip: `\`${name}\`, from \`.env\`` }];
  });
}
