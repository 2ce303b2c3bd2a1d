import { expandText } from '../expand.ts';
import { sourceSpan } from './joined-text.ts';
import type { Heredoc, JoinedText, Word } from './tree.ts';
import { splitQuoted } from './words.ts';

export type HeredocOpener = Omit<Heredoc, 'content' | 'terminator'>;

const OPENER = /^(\d*)<<(-?)([^<]*)$/;
/** Behind these the name may follow after white space, but not behind `<<-`. */
const BARE = /^\d*<<$/;

const unset = (): undefined => undefined;

function quotesIn(word: string): number {
  return word.replaceAll(/[^"']/g, '').length;
}

function withNames(joined: JoinedText, words: readonly Word[]): Word[] {
  const found: Word[] = [];
  for (const word of words) {
    const last = found.at(-1);
    if (last !== undefined && BARE.test(last.text)) {
      const end = word.at + word.text.length;
      found[found.length - 1] = {
        text: joined.text.slice(last.at, end),
        span: sourceSpan(joined, last.at, end),
        at: last.at,
      };
    } else found.push(word);
  }
  return found;
}

/** The heredocs that the line opens, in order. Quoted words open none. */
export function heredocOpeners(joined: JoinedText, start: number, end: number): HeredocOpener[] {
  if (!joined.text.includes('<<', start)) return [];
  const openers: HeredocOpener[] = [];
  for (const word of withNames(joined, splitQuoted(joined, start, end, '\\'))) {
    const match = OPENER.exec(word.text);
    const rest = match?.[3];
    if (rest === undefined || rest === '') continue;
    const [name, ...more] = expandText(rest, unset, { keepUnset: true }).words;
    if (name === undefined || name === '' || more.length > 0) continue;
    const [written = ''] = expandText(rest, unset, { keepUnset: true, keepQuotes: true }).words;
    openers.push({
      name,
      opener: word.span,
      nameSpan: sourceSpan(joined, word.at + word.text.length - rest.trimStart().length, word.at + word.text.length),
      // A quote that is escaped is a part of the name.
      expand: quotesIn(name) === quotesIn(written),
      chomp: match?.[2] === '-',
    });
  }
  return openers;
}
