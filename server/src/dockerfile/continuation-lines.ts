import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import type { DockerfileDocument } from './document.ts';

export interface ContinuationLine {
  /** The white space before its text. */
  readonly span: Span;
}

/**
 * The continuation lines of an instruction whose indentation may be another: where one blank more or less neither cuts a
 * word, nor joins two, nor gets into quotes.
 */
export function continuationLines({ text, escape }: DockerfileDocument, { joined }: Instruction): ContinuationLine[] {
  const [, ...pieces] = joined.pieces;
  const quoted = quotedAt(
    joined.text,
    pieces.map(({ at }) => at),
    escape,
  );
  return pieces.flatMap(({ at, source }, i) => {
    const indent = /^[ \t]*/.exec(joined.text.slice(at, pieces[i + 1]?.at))?.[0].length ?? 0;
    const isBlank = source + indent >= text.length || /[\r\n]/.test(text[source + indent] ?? '');
    // Behind a blank, or with one of its own that stays one.
    const isApart = at === 0 || (/\s/.test(joined.text[at - 1] ?? '') && joined.text[at - 2] !== escape) || indent > 0;
    const isEscaped = joined.text[at - 1] === escape;
    const isKeyword = joined.text.slice(0, at).trim() === '';
    return isBlank || isKeyword || !isApart || isEscaped || quoted[i] === true
      ? []
      : [{ span: spanOf(source, source + indent) }];
  });
}

/** For each of the (ascending) offsets: is it inside quotes? */
function quotedAt(text: string, offsets: readonly number[], escape: string): boolean[] {
  const found: boolean[] = [];
  let quote = '';
  let at = 0;
  for (const offset of offsets) {
    for (; at < offset; at++) {
      const char = text[at];
      if (char === escape && quote !== "'") at++;
      else if (quote !== '') quote = char === quote ? '' : quote;
      else if (char === '"' || char === "'") quote = char;
    }
    found.push(quote !== '');
  }
  return found;
}
