import type { Field, Schema } from '#model/compose/schema/schema.ts';
import { spanOf } from '#model/text/span.ts';
import type { Completion } from '../language.ts';
import { type Caret, caretAt } from './caret.ts';
import { completeValues } from './complete-values.ts';
import type { ComposeDocument } from './document.ts';
import { schemasAt } from './schema-path.ts';

export const TRIGGER_CHARACTERS = [':', '-', ' ', '/', '$', '{', '"', '[', '*'];

export function complete(document: ComposeDocument, offset: number): Completion[] {
  const started = completeVariables(document, offset) ?? completeAliases(document, offset);
  if (started !== undefined) return started;
  const caret = caretAt(document, offset);
  if (caret === undefined) return [];
  const found = completeHere(document, caret);
  if (found.length > 0 || caret.at === 'value' || caret.prefix !== '' || caret.inItem) return found;
  // Below the key of a list: its first item, with the dash.
  const items = completeHere(document, { ...caret, path: [...caret.path, '[]'], indent: '  ' });
  return items.map((one) => ({ ...one, text: `- ${one.text}` }));
}

function completeHere(document: ComposeDocument, caret: Caret): Completion[] {
  if (caret.at === 'value') return completeValues(document, caret);
  const isScalar = /["']/.test(document.text[caret.span.start - 1] ?? '') || /[:/]/.test(caret.prefix);
  return [...(isScalar ? [] : completeKeys(caret)), ...(caret.inItem ? [] : completeValues(document, caret))];
}

/** Keys that the specification has here and that are not there yet. */
function completeKeys(caret: Caret): Completion[] {
  const fields = new Map<string, Field>();
  for (const schema of schemasAt(caret.path)) {
    if (schema.kind === 'map') for (const [key, field] of Object.entries(schema.fields)) fields.set(key, field);
  }
  return [...fields]
    .filter(([key, { deprecated }]) => deprecated === undefined && !caret.siblings.has(key))
    .map(([key, { schema, documentation }]) => ({
      label: key,
      kind: 'property',
      documentation,
      span: caret.span,
      text: `${key}:${openingOf(schema).replace('\n', `\n${caret.indent}`)}`,
      snippet: true,
      continues: true,
    }));
}

/** What follows the colon: a value on the same line where the key takes one, else the line below. */
function openingOf(schema: Schema): string {
  switch (schema.kind) {
    case 'map':
    case 'dictionary':
      return '\n  $0';
    case 'list':
      return '\n  - $0';
    case 'choice': {
      const simple = schema.options.some(({ kind }) => ['string', 'number', 'integer', 'boolean'].includes(kind));
      const first = schema.options.find(({ kind }) => kind !== 'null');
      return simple || first === undefined ? ' $0' : openingOf(first);
    }
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return ' $0';
  }
}

/** Behind `*`, or `<<:`: anchors that stand above. */
function completeAliases({ text, source, tree }: ComposeDocument, offset: number): Completion[] | undefined {
  const line = text.slice(source.lines.startOf(source.lines.lineAt(offset)), offset);
  const star = /<<\s*:\s+(?:\[(?:.*,)?\s*)?$/.test(line) ? '*' : '';
  const name = star === '' ? /(?:[:,[{-]\s+|[[{,])\*([\w.-]*)$/.exec(line)?.[1] : '';
  if (name === undefined) return undefined;
  const rest = /^[\w.-]*/.exec(text.slice(offset))?.[0] ?? '';
  const span = spanOf(offset - name.length, offset + rest.length);
  const anchors = [...text.slice(0, offset).matchAll(/(?<=\s)&([\w.-]+)/g)].flatMap(([, one]) => one ?? []);
  const names = new Set([...tree.anchors.filter((one) => one.span.end < offset).map((one) => one.name), ...anchors]);
  return [...names].map((anchor) => {
    const label = star + anchor;
    return { label, kind: 'reference', detail: 'anchor', span, text: label };
  });
}

/** Behind `$` and `${`: what `.env` sets, and what the file uses already. */
function completeVariables({ text, source, project }: ComposeDocument, offset: number): Completion[] | undefined {
  const line = text.slice(source.lines.startOf(source.lines.lineAt(offset)), offset);
  const match = /(?<!\$)\$(\{?)(\w*)$/.exec(line);
  if (match === null) return undefined;
  const [, brace = '', name = ''] = match;
  const rest = /^\w*/.exec(text.slice(offset))?.[0] ?? '';
  const span = spanOf(offset - name.length, offset + rest.length);
  const close = brace === '{' && text[span.end] !== '}' ? '}' : '';
  const used = [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)]
    .flatMap(([, one]) => one ?? [])
    .filter((one) => one !== name + rest);
  const names = new Set([...project.env.keys(), ...used]);
  return [...names].map((label) => {
    const value = project.env.get(label)?.value;
    const detail = value === undefined ? 'environment' : `.env: ${value}`;
    return { label, kind: 'variable', detail, span, text: label + close };
  });
}
