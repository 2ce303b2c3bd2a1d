import { spanOf } from '#model/text/span.ts';
import type { Language, SemanticToken } from '../language.ts';
import { runRules } from '../lint/run-rules.ts';
import { DOCKERIGNORE_RULES } from '../rules/dockerignore/dockerignore-rules.ts';
import { complete, TRIGGER_CHARACTERS } from './complete.ts';
import { type IgnoreDocument, readIgnoreFile } from './document.ts';
import { hover } from './hover.ts';

export const DOCKERIGNORE: Language<IgnoreDocument> = {
  name: 'dockerignore',
  owns: (languageId, uri) => languageId === 'dockerignore' || /(?:^|[/\\.])(?:docker|container)ignore$/i.test(uri),
  parse: readIgnoreFile,
  diagnose: (document, settings) =>
    runRules(DOCKERIGNORE_RULES, document, settings, () => false, document.source.ruleFailed),
  completion: { triggerCharacters: TRIGGER_CHARACTERS, complete },
  hover,
  tokens,
  format: ({ lines, source: { text, lines: index } }) =>
    lines.flatMap(({ span }) => {
      const end = index.endOf(index.lineAt(span.start));
      return text.slice(span.end, end) === '' ? [] : [{ span: spanOf(span.end, end), text: '' }];
    }),
};

function tokens({ lines }: IgnoreDocument): SemanticToken[] {
  return lines.flatMap(({ kind, span, negated, text }): SemanticToken[] => {
    if (kind === 'comment') return [{ span, type: 'comment' }];
    const wildcards = [...text.matchAll(/\*+|\?|\[[^\]]*\]/g)].map(
      ({ 0: found, index }): SemanticToken => ({
        span: spanOf(span.start + index, span.start + index + found.length),
        type: 'operator',
      }),
    );
    return negated ? [{ span: spanOf(span.start, span.start + 1), type: 'keyword' }, ...wildcards] : wildcards;
  });
}
