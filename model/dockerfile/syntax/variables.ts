/**
 * Variables in the words that BuildKit expands: `$name`, `${name}` and `${name<modifier>word}`. Single quotes and the
 * escape character switch expansion off, as in its shell lexer.
 */

export type WordPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'variable';
      readonly name: string;
      /** Offsets in the text that was read: of the `$`, behind the last character, and of the name. */
      readonly start: number;
      readonly end: number;
      readonly nameStart: number;
      readonly modifier: Modifier | undefined;
      readonly word: readonly WordPart[];
    }
  | { readonly kind: 'bad'; readonly start: number; readonly end: number; readonly reason: string };

export type VariablePart = Extract<WordPart, { kind: 'variable' }>;
export type Modifier = ':-' | '-' | ':+' | '+' | ':?' | '?' | '#' | '##' | '%' | '%%' | '/' | '//';

const MODIFIERS: readonly Modifier[] = [':-', ':+', ':?', '##', '%%', '//', '-', '+', '?', '#', '%', '/'];
const NAME = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?!$-]/y;
const BARE_NAME = /[A-Za-z_][A-Za-z0-9_]*|[0-9]|[@*#?!$-]/y;

interface Cursor {
  readonly text: string;
  readonly end: number;
  readonly escape: string;
  at: number;
  /** Of substitutions around the place. */
  depth: number;
}

/** Fuel: the reader is recursive, and so are those that walk what it read. */
const DEEPEST = 100;

/** Reads [start, end) of the text. Quotes are removed from the text parts, escapes resolved. */
export function readWord(text: string, start: number, end: number, escape: string): WordPart[] {
  return readParts({ text, end, escape, at: start, depth: 0 }, '');
}

/** The one whose `$` stands at the offset. */
export function readVariable(text: string, at: number, end: number, escape: string): WordPart {
  return readDollar({ text, end, escape, at, depth: 0 });
}

/** Every variable, those inside the words of modifiers too, in the order in which they stand. */
export function* variablesIn(parts: readonly WordPart[]): Generator<VariablePart> {
  for (const part of parts) {
    if (part.kind !== 'variable') continue;
    yield part;
    yield* variablesIn(part.word);
  }
}

export function* badPartsIn(parts: readonly WordPart[]): Generator<Extract<WordPart, { kind: 'bad' }>> {
  for (const part of parts) {
    if (part.kind === 'bad') yield part;
    else if (part.kind === 'variable') yield* badPartsIn(part.word);
  }
}

function readParts(cursor: Cursor, closing: string): WordPart[] {
  const parts: WordPart[] = [];
  let text = '';
  let quote = '';
  const flush = (): void => {
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
  };
  while (cursor.at < cursor.end) {
    const char = cursor.text[cursor.at] ?? '';
    if (quote === '' && char === closing) break;
    if (quote !== "'" && char === '$') {
      flush();
      parts.push(readDollar(cursor));
      continue;
    }
    cursor.at++;
    if (quote === "'") {
      if (char === "'") quote = '';
      else text += char;
    } else if (char === cursor.escape && cursor.at < cursor.end) {
      text += escapedText(cursor, quote);
    } else if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else text += char;
  }
  flush();
  return parts;
}

/** Inside double quotes only `"`, `$` and the escape character itself lose the escape. */
function escapedText(cursor: Cursor, quote: string): string {
  const next = cursor.text[cursor.at] ?? '';
  cursor.at++;
  const special = next === '"' || next === '$' || next === cursor.escape;
  return quote === '"' && !special ? cursor.escape + next : next;
}

function readDollar(cursor: Cursor): WordPart {
  const { text, end } = cursor;
  const start = cursor.at;
  if (text[start + 1] === '{') return readBraced(cursor, start);
  BARE_NAME.lastIndex = start + 1;
  const name = BARE_NAME.exec(text)?.[0];
  if (name === undefined || start + 1 + name.length > end) {
    cursor.at = start + 1;
    return { kind: 'text', text: '$' };
  }
  cursor.at = start + 1 + name.length;
  return { kind: 'variable', name, start, end: cursor.at, nameStart: start + 1, modifier: undefined, word: [] };
}

function readBraced(cursor: Cursor, start: number): WordPart {
  const { text, end } = cursor;
  NAME.lastIndex = start + 2;
  const name = NAME.exec(text)?.[0];
  if (name === undefined || start + 2 + name.length > end) {
    return bad(cursor, start, 'bad substitution: a variable name is expected after ${');
  }
  if (cursor.depth > DEEPEST) return bad(cursor, start, 'substitutions are nested too deeply');
  const common = { kind: 'variable' as const, name, start, nameStart: start + 2 };
  cursor.at = start + 2 + name.length;
  if (cursor.at >= end) return bad(cursor, start, 'missing } at the end of the substitution');
  if (text[cursor.at] === '}') {
    cursor.at++;
    return { ...common, end: cursor.at, modifier: undefined, word: [] };
  }
  const modifier = MODIFIERS.find((candidate) => text.startsWith(candidate, cursor.at));
  if (modifier === undefined) {
    const shown = text.slice(cursor.at, cursor.at + (text[cursor.at] === ':' ? 2 : 1));
    return bad(cursor, start, `unsupported modifier (${shown}) in substitution`);
  }
  cursor.at += modifier.length;
  cursor.depth++;
  const word = readParts(cursor, '}');
  cursor.depth--;
  if (text[cursor.at] !== '}' || cursor.at >= end)
    return bad(cursor, start, 'missing } at the end of the substitution');
  cursor.at++;
  return { ...common, end: cursor.at, modifier, word };
}

/** Skips to behind the closing brace, or to the end of the word. */
function bad(cursor: Cursor, start: number, reason: string): WordPart {
  const brace = cursor.text.indexOf('}', start);
  cursor.at = brace === -1 || brace >= cursor.end ? cursor.end : brace + 1;
  return { kind: 'bad', start, end: cursor.at, reason };
}
