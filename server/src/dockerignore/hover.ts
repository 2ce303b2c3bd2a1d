import { touches } from '#model/text/span.ts';
import type { Hover } from '../language.ts';
import type { IgnoreDocument } from './document.ts';
import { matchesOf, takenBack } from './matches.ts';

const MOST_SHOWN = 12;

/** Which files of the context the pattern is about. */
export function hover(document: IgnoreDocument, offset: number): Hover | undefined {
  const line = document.patterns.find(({ span }) => touches(span, offset));
  const { context } = document;
  if (line === undefined || context === undefined) return undefined;
  const found = line.negated ? takenBack(document, line) : matchesOf(document, line);
  const verb = line.negated ? 'Takes back' : 'Ignores';
  const limit = context.complete
    ? ''
    : `\n\nThe folder has more files than the first ${context.paths.length} looked at.`;
  if (found.length === 0) return { span: line.span, markdown: `${verb} nothing that is here now.${limit}` };
  const shown = found
    .slice(0, MOST_SHOWN)
    .map((path) => `- \`${path}\`${path.endsWith('/') && !line.negated ? ' and all in it' : ''}`);
  const more = found.length > MOST_SHOWN ? [`- … ${found.length - MOST_SHOWN} more`] : [];
  const count = `${verb} ${found.length} ${found.length === 1 ? 'entry' : 'entries'}:`;
  return { span: line.span, markdown: `${count}\n\n${[...shown, ...more].join('\n')}${limit}` };
}
