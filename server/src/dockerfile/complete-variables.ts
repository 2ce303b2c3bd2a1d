import { spanOf } from '#model/text/span.ts';
import type { Completion } from '../language.ts';
import type { Cursor } from './cursor.ts';
import { type DockerfileDocument, stageOf } from './document.ts';
import { PLATFORM_ARGS } from './predefined-args.ts';
import { valueOf } from './values.ts';
import { definitionsBefore } from './variables.ts';

/** Behind `$` and `${`; undefined where no variable is being written. */
export function completeVariables(document: DockerfileDocument, cursor: Cursor): Completion[] | undefined {
  const match = /\$(\{?)(\w*)$/.exec(cursor.word);
  const { instruction } = cursor;
  if (match === null || instruction === undefined) return undefined;
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
  return found;
}
