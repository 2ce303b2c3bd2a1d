/** Splitting an instruction's arguments: at white space, or (for ENV, LABEL, ARG) with quotes holding words together. */
import { sourceSpan } from './joined-text.ts';
import type { JoinedText, Word } from './tree.ts';

export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

export function splitAtSpaces(joined: JoinedText, start: number, end: number): Word[] {
  const words: Word[] = [];
  const { text } = joined;
  for (let at = start; at < end; ) {
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    const from = at;
    while (at < end && !isSpace(text.charCodeAt(at))) at++;
    if (at > from) words.push(wordAt(joined, from, at));
  }
  return words;
}

/** Quotes and escapes are kept in the words; an unclosed quote runs to the end. */
export function splitQuoted(joined: JoinedText, start: number, end: number, escape: string): Word[] {
  const words: Word[] = [];
  const { text } = joined;
  for (let at = start; at < end; ) {
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    const from = at;
    at = endOfQuotedWord(text, at, end, escape);
    if (at > from) words.push(wordAt(joined, from, at));
  }
  return words;
}

/** The offset just behind the word that starts at `at`. */
export function endOfQuotedWord(text: string, at: number, end: number, escape: string): number {
  let quote = '';
  while (at < end) {
    const char = text[at] ?? '';
    if (char === escape && quote !== "'") at++;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (isSpace(text.charCodeAt(at))) break;
    at++;
  }
  return Math.min(at, end);
}

function wordAt(joined: JoinedText, from: number, to: number): Word {
  return { text: joined.text.slice(from, to), span: sourceSpan(joined, from, to), at: from };
}
