import { sourceSpan } from './joined-text.ts';
import type { JoinedText, JsonForm } from './tree.ts';

export interface JsonReading {
  readonly json: JsonForm | undefined;
  readonly otherThanStrings: boolean;
}

const NOT_JSON: JsonReading = { json: undefined, otherThanStrings: false };
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Reads the arguments as a JSON array; anything else is the shell form. */
export function readJsonForm(joined: JoinedText, start: number, end: number): JsonReading {
  if (joined.text[start] !== '[') return NOT_JSON;
  const source = joined.text.slice(start, end).trimEnd();
  const value = parseArray(source);
  if (value === undefined) return NOT_JSON;
  if (!value.every((item) => typeof item === 'string')) return { json: undefined, otherThanStrings: true };
  const items: { text: string; span: { start: number; end: number } }[] = [];
  for (let at = source.indexOf('"'); at !== -1; at = source.indexOf('"', at)) {
    STRING.lastIndex = at;
    const length = STRING.exec(source)?.[0].length ?? 1;
    const text = value[items.length];
    if (text !== undefined) items.push({ text, span: sourceSpan(joined, start + at, start + at + length) });
    at += length;
  }
  return { json: { span: sourceSpan(joined, start, start + source.length), items }, otherThanStrings: false };
}

function parseArray(source: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(source);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
