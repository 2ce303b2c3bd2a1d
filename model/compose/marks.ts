/** Comments, anchors and aliases of a YAML text, by its tokens: they survive where the text is no YAML. */
import { Lexer } from 'yaml';
import { type Span, spanOf } from '#model/text/span.ts';
import type { Anchor, YamlComment } from './tree.ts';

interface Marks {
  readonly comments: readonly YamlComment[];
  readonly anchors: readonly Anchor[];
}

/** Tokens that the lexer makes up: they have no length in the text. */
const MADE_UP: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);
const SCALAR_FOLLOWS = '\u001f';

export function lexMarks(text: string): Marks {
  const comments: YamlComment[] = [];
  const anchors: { name: string; span: Span; aliases: Span[] }[] = [];
  let offset = 0;
  let previous = '';
  for (const token of new Lexer().lex(text)) {
    const isScalar = previous === SCALAR_FOLLOWS;
    previous = token;
    if (MADE_UP.has(token)) continue;
    const span = spanOf(offset, offset + token.length);
    offset += token.length;
    if (isScalar) continue;
    const name = token.slice(1);
    if (token.startsWith('#')) comments.push({ span, text: name.trim() });
    else if (token.startsWith('&') && name !== '') anchors.push({ name, span, aliases: [] });
    else if (token.startsWith('*')) anchors.findLast((anchor) => anchor.name === name)?.aliases.push(span);
  }
  return { comments, anchors };
}
