/** Variables in Compose values: `$NAME`, `${NAME}`, `${NAME:-default}` and its kin; `$$` is a dollar sign. */
import { append } from '#model/text/append.ts';
import { type Span, spanOf } from '#model/text/span.ts';

export interface Interpolation {
  readonly name: string;
  /** `$NAME` or `${…}`. */
  readonly span: Span;
  readonly nameSpan: Span;
  readonly modifier: ':-' | '-' | ':?' | '?' | ':+' | '+' | undefined;
  /** The text behind the modifier, and the variables in it. */
  readonly word: string;
  readonly inner: readonly Interpolation[];
}

export interface Interpolations {
  readonly variables: readonly Interpolation[];
  /** Dollar signs that start nothing valid. */
  readonly bad: readonly Span[];
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const MODIFIER = /:[-?+]|[-?+]/y;

/** Reads [start, end) of the text; the places are in the text. */
export function interpolationsIn(text: string, start: number, end: number): Interpolations {
  const variables: Interpolation[] = [];
  const bad: Span[] = [];
  let at = text.indexOf('$', start);
  while (at !== -1 && at < end) {
    const next = readDollar(text, at, end, variables, bad);
    at = text.indexOf('$', next);
  }
  return { variables, bad };
}

/** Every variable, those in defaults too. */
export function* allVariables(variables: readonly Interpolation[]): Generator<Interpolation> {
  for (const variable of variables) {
    yield variable;
    yield* allVariables(variable.inner);
  }
}

/** Returns where to go on. */
function readDollar(text: string, at: number, end: number, variables: Interpolation[], bad: Span[]): number {
  if (text[at + 1] === '$') return at + 2;
  const braced = text[at + 1] === '{';
  const nameStart = at + (braced ? 2 : 1);
  NAME.lastIndex = nameStart;
  const name = NAME.exec(text)?.[0];
  const nameEnd = nameStart + (name?.length ?? 0);
  if (name === undefined || nameEnd > end) {
    if (braced) bad.push(spanOf(at, Math.min(end, closing(text, nameStart, end) ?? end)));
    return nameStart; // a lone dollar sign stays as it is
  }
  const nameSpan = spanOf(nameStart, nameEnd);
  if (!braced) {
    variables.push({ name, span: spanOf(at, nameEnd), nameSpan, modifier: undefined, word: '', inner: [] });
    return nameEnd;
  }
  const close = closing(text, nameEnd, end);
  MODIFIER.lastIndex = nameEnd;
  const modifier = MODIFIER.exec(text)?.[0];
  if (close === undefined || (modifier === undefined && close !== nameEnd + 1)) {
    bad.push(spanOf(at, close ?? end));
    return close ?? end;
  }
  const wordStart = nameEnd + (modifier?.length ?? 0);
  const inner = interpolationsIn(text, wordStart, close - 1);
  append(bad, inner.bad);
  variables.push({
    name,
    span: spanOf(at, close),
    nameSpan,
    modifier: modifier as Interpolation['modifier'],
    word: text.slice(wordStart, close - 1),
    inner: inner.variables,
  });
  return close;
}

/** Just behind the brace that closes the one before `from`. */
function closing(text: string, from: number, end: number): number | undefined {
  let depth = 1;
  for (let at = from; at < end; at++) {
    if (text[at] === '{' && text[at - 1] === '$') depth++;
    else if (text[at] === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}
