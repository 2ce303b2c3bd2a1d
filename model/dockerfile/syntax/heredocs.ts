import { sourceSpan } from './joined-text.ts';
import type { Heredoc, JoinedText } from './tree.ts';
import { splitQuoted } from './words.ts';

export type HeredocOpener = Omit<Heredoc, 'content' | 'terminator'>;

const OPENER = /^(\d*)<<(-?)([^<]+)$/;

/** The heredocs that the line opens, in order. Quoted words open none. */
export function heredocOpeners(joined: JoinedText, start: number, end: number): HeredocOpener[] {
  if (!joined.text.includes('<<', start)) return [];
  const openers: HeredocOpener[] = [];
  for (const word of splitQuoted(joined, start, end, '\\')) {
    const match = OPENER.exec(word.text);
    const rest = match?.[3];
    if (rest === undefined) continue;
    const name = rest.replaceAll(/["']|\\(?=.)/g, '');
    if (name === '' || /\s/.test(name)) continue;
    openers.push({
      name,
      opener: word.span,
      nameSpan: sourceSpan(joined, word.at + word.text.length - rest.length, word.at + word.text.length),
      expand: name === rest,
      chomp: match?.[2] === '-',
    });
  }
  return openers;
}
