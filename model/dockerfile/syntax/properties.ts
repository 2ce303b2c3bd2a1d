/** The names and values of ENV, LABEL and ARG. */
import { type Span, spanOf } from '#model/text/span.ts';
import { expandText } from '../expand.ts';
import { sourceSpan } from './joined-text.ts';
import type { Instruction, Word } from './tree.ts';
import { isSpace, splitQuoted } from './words.ts';

export interface Property {
  /** Quotes removed. */
  readonly name: string;
  readonly nameSpan: Span;
  /** As written; undefined when nothing is assigned (`ARG name`, or a word without `=`). */
  readonly value: string | undefined;
  readonly valueSpan: Span | undefined;
  /** Where the value starts in the joined text. */
  readonly valueAt: number;
  readonly span: Span;
  /** `ENV name value`: without `=`, the rest of the line is the value. */
  readonly legacy: boolean;
}

const FORMS: ReadonlySet<string> = new Set(['ENV', 'LABEL', 'ARG']);

export function propertiesOf(instruction: Instruction, escape: '\\' | '`'): Property[] {
  if (!FORMS.has(instruction.keyword)) return [];
  const words = splitQuoted(instruction.joined, instruction.bodyStart, instruction.bodyEnd, escape);
  const [first] = words;
  if (first === undefined) return [];
  if (instruction.keyword !== 'ARG' && !first.text.includes('=')) return [legacyProperty(instruction, escape)];
  return words.map((word) => propertyOf(instruction, word, escape));
}

function propertyOf(instruction: Instruction, word: Word, escape: '\\' | '`'): Property {
  const equals = word.text.indexOf('=');
  const nameLength = equals === -1 ? word.text.length : equals;
  const end = word.at + word.text.length;
  const valueAt = word.at + nameLength + 1;
  return {
    name: unquoted(word.text.slice(0, nameLength), escape),
    nameSpan: sourceSpan(instruction.joined, word.at, word.at + nameLength),
    value: equals === -1 ? undefined : word.text.slice(equals + 1),
    valueSpan: equals === -1 ? undefined : sourceSpan(instruction.joined, valueAt, end),
    valueAt,
    span: word.span,
    legacy: false,
  };
}

function legacyProperty(instruction: Instruction, escape: '\\' | '`'): Property {
  const { joined, bodyStart, bodyEnd } = instruction;
  const { text } = joined;
  let nameEnd = bodyStart;
  while (nameEnd < bodyEnd && !isSpace(text.charCodeAt(nameEnd))) nameEnd++;
  let valueAt = nameEnd;
  while (valueAt < bodyEnd && isSpace(text.charCodeAt(valueAt))) valueAt++;
  const valueSpan = valueAt < bodyEnd ? sourceSpan(joined, valueAt, bodyEnd) : undefined;
  const nameSpan = sourceSpan(joined, bodyStart, nameEnd);
  return {
    name: unquoted(text.slice(bodyStart, nameEnd), escape),
    nameSpan,
    value: valueSpan === undefined ? undefined : text.slice(valueAt, bodyEnd),
    valueSpan,
    valueAt,
    span: spanOf(nameSpan.start, valueSpan?.end ?? nameSpan.end),
    legacy: true,
  };
}

function unquoted(name: string, escape: '\\' | '`'): string {
  if (/^[\w.-]+$/.test(name)) return name;
  return expandText(name, () => undefined, { escape, keepUnset: true }).value;
}
