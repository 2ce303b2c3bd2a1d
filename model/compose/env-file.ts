/** `.env` files (Compose's syntax): `NAME=value`, with quotes, comments and an optional `export`. */
import { type Span, spanOf } from '#model/text/span.ts';

export interface EnvEntry {
  readonly name: string;
  readonly nameSpan: Span;
  /** Undefined for a name without `=`: its value comes from the environment. */
  readonly value: string | undefined;
}

const LINE = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*(=|:[ \t]|(?=$|[\r\n#]))[ \t]*/gm;

export function parseEnvFile(text: string): EnvEntry[] {
  const entries: EnvEntry[] = [];
  LINE.lastIndex = 0;
  for (let match = LINE.exec(text); match !== null; match = LINE.exec(text)) {
    const [whole, name = '', separator = ''] = match;
    const nameStart = match.index + whole.indexOf(name);
    const nameSpan = spanOf(nameStart, nameStart + name.length);
    if (separator === '') entries.push({ name, nameSpan, value: undefined });
    else {
      const { value, end } = readValue(text, match.index + whole.length);
      entries.push({ name, nameSpan, value });
      LINE.lastIndex = end;
    }
    if (LINE.lastIndex === match.index) LINE.lastIndex++;
  }
  return entries;
}

/** Quoted values may run over lines; unquoted ones end at a comment behind a space. */
function readValue(text: string, start: number): { readonly value: string; readonly end: number } {
  const quote = text[start];
  if (quote === '"' || quote === "'") {
    const close = closingQuote(text, start + 1, quote);
    if (close !== undefined) {
      const inside = text.slice(start + 1, close);
      return { value: quote === '"' ? unescape(inside) : inside, end: lineEnd(text, close) };
    }
  }
  const end = lineEnd(text, start);
  return {
    value: text
      .slice(start, end)
      .replace(/(?:^|\s)#.*$/, '')
      .trim(),
    end,
  };
}

function closingQuote(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++;
    else if (text[at] === quote) return at;
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
}

function lineEnd(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? text.length : newline;
}
