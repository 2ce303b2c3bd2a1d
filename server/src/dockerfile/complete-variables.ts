import { spanOf } from '#model/text/span.ts';
import type { Completion } from '../language.ts';
import type { Cursor } from './cursor.ts';
import { type DockerfileDocument, stageOf } from './document.ts';
import { PLATFORM_ARGS, PREDEFINED_ARGS } from '#model/dockerfile/predefined-args.ts';
import { valueOf } from '#model/dockerfile/values.ts';
import { definitionsBefore } from '#model/dockerfile/variables.ts';

/** Behind `$` and `${`; undefined where no variable is being written. */
export function completeVariables(document: DockerfileDocument, cursor: Cursor): Completion[] | undefined {
  const { instruction } = cursor;
  if (instruction === undefined) return undefined;
  const modified = /\$\{\w+(:|#{1,2}|%{1,2}|\/{1,2})$/.exec(cursor.word);
  if (modified !== null) return modifiers(cursor, modified[1] ?? '', document.text);
  const match = /\$(\{?)(\w*)$/.exec(cursor.word);
  if (match === null) return undefined;
  const [, brace = '', name = ''] = match;
  const start = cursor.offset - name.length;
  const rest = /^\w*/.exec(document.text.slice(cursor.offset))?.[0] ?? '';
  const span = spanOf(start, cursor.offset + rest.length);
  const close = brace === '{' && document.text[span.end] !== '}' ? '}' : '';
  const stage = stageOf(document, instruction);
  const found: Completion[] = [];
  for (const definition of definitionsBefore(document.variables, instruction, stage).values()) {
    const value = valueOf(document, definition);
    const detail = `${definition.kind}${value === undefined ? '' : ` = ${value}`}`;
    found.push({ label: definition.name, kind: 'variable', detail, span, text: definition.name + close });
  }
  if (instruction.keyword === 'FROM') {
    for (const [label, documentation] of PLATFORM_ARGS) {
      found.push({
        label,
        kind: 'variable',
        detail: 'set by the builder',
        documentation,
        span,
        text: label + close,
        rank: 1,
      });
    }
  }
  const defined = new Set(found.map(({ label }) => label));
  for (const label of PREDEFINED_ARGS) {
    if (defined.has(label)) continue;
    const detail = 'an argument of every build, where the client sets it';
    found.push({ label, kind: 'variable', detail, span, text: label + close, rank: 2 });
  }
  const isWhole = brace === '{' && found.some(({ label }) => label === name);
  return isWhole ? [...found, ...modifiers(cursor, '', document.text)] : found;
}

/** Dockerfile reference, "Environment replacement". */
const MODIFIERS: ReadonlyMap<string, string> = new Map([
  [':-', 'What stands behind it when the variable is not set or empty.'],
  [':+', 'What stands behind it when the variable is set, else nothing.'],
  [':?', 'Fails with what stands behind it when the variable is not set or empty.'],
  ['-', 'What stands behind it when the variable is not set.'],
  ['+', 'What stands behind it when the variable is set, be it empty.'],
  ['?', 'Fails with what stands behind it when the variable is not set.'],
  ['#', 'Without the shortest match of the pattern at the start.'],
  ['##', 'Without the longest match of the pattern at the start.'],
  ['%', 'Without the shortest match of the pattern at the end.'],
  ['%%', 'Without the longest match of the pattern at the end.'],
  ['/', 'The first match of the pattern replaced: `/pattern/replacement`.'],
  ['//', 'Every match of the pattern replaced: `//pattern/replacement`.'],
]);

function modifiers({ offset }: Cursor, written: string, text: string): Completion[] {
  const span = spanOf(offset - written.length, offset);
  const close = text[offset] === '}' ? '' : '}';
  return [...MODIFIERS]
    .filter(([label]) => label.startsWith(written) && label !== written)
    .map(([label, documentation], i) => ({
      label,
      kind: 'value',
      documentation,
      span,
      text: `${label}$0${close}`,
      snippet: true,
      rank: 5 + i,
    }));
}
