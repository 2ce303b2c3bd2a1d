import { expandText } from '../expand.ts';
import { sourceSpan } from './joined-text.ts';
import type { Heredoc, JoinedText } from './tree.ts';
import { splitQuoted } from './words.ts';

export type HeredocOpener = Omit<Heredoc, 'content' | 'terminator'>;

const OPENER = /^(\d*)<<(-?)([^<]+)$/;

const unset = (): undefined => undefined;

function quotesIn(word: string): number {
  return word.replaceAll(/[^"']/g, '').length;
}

/** The heredocs that the line opens, in order. Quoted words open none. */
export function heredocOpeners(joined: JoinedText, start: number, end: number): HeredocOpener[] {
  if (!joined.text.includes('<<', start)) return [];
  const openers: HeredocOpener[] = [];
  for (const word of splitQuoted(joined, start, end, '\\')) {
    const match = OPENER.exec(word.text);
    const rest = match?.[3];
    if (rest === undefined) continue;
    const [name, ...more] = expandText(rest, unset, { keepUnset: true }).words;
    if (name === undefined || name === '' || more.length > 0) continue;
    const [written = ''] = expandText(rest, unset, { keepUnset: true, keepQuotes: true }).words;
    openers.push({
      name,
      opener: word.span,
      nameSpan: sourceSpan(joined, word.at + word.text.length - rest.length, word.at + word.text.length),
      // A quote that is escaped is a part of the name.
      expand: quotesIn(name) === quotesIn(written),
      chomp: match?.[2] === '-',
    });
  }
  return openers;
}
