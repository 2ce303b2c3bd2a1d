/** Parser directives at the top of the file, and names of rules in comments that switch rules off. */
import { DIRECTIVE_NAMES } from '#model/dockerfile/syntax/directives.ts';
import { spanOf } from '#model/text/span.ts';
import type { Completion } from '../language.ts';
import { DOCKERFILE_RULES } from '../rules/dockerfile-rules.ts';
import type { DockerfileDocument } from './document.ts';

const DIRECTIVES: Readonly<Record<string, { readonly text: string; readonly documentation: string }>> = {
  syntax: {
    text: 'syntax=docker/dockerfile:1',
    documentation: 'The version of the Dockerfile syntax: an image that the builder fetches.',
  },
  escape: {
    text: 'escape=`',
    documentation: 'The escape character: a backslash (default) or a backtick, handy for Windows paths.',
  },
  check: {
    text: 'check=skip=',
    documentation: 'Which checks are skipped (`skip=A,B`), and whether they fail the build (`error=true`).',
  },
};

/** @param line from the `#` to the caret */
export function completeComment(document: DockerfileDocument, offset: number, line: string): Completion[] {
  const ignored =
    /^#\s*(?:check\s*=.*skip\s*=|(?:hadolint|slipway)\s+(?:global\s+)?ignore\s*=)(?:[^;]*,)?\s*([\w]*)$/.exec(line);
  if (ignored !== null) {
    const span = spanOf(offset - (ignored[1] ?? '').length, offset);
    return ['all', ...DOCKERFILE_RULES.map(({ id }) => id)].map((text) => ({ label: text, kind: 'value', span, text }));
  }
  const started = /^#\s*(\w*)$/.exec(line);
  const { tree } = document;
  const used = new Set(tree.directives.map(({ name }) => name));
  const first = Math.min(
    tree.instructions[0]?.span.start ?? Number.POSITIVE_INFINITY,
    tree.comments[0]?.span.end ?? Number.POSITIVE_INFINITY,
  );
  if (started === null || offset > first) return [];
  const span = spanOf(offset - (started[1] ?? '').length, offset);
  return DIRECTIVE_NAMES.filter((name) => !used.has(name)).map((name) => ({
    label: name,
    kind: 'property',
    documentation: DIRECTIVES[name]?.documentation ?? '',
    span,
    text: DIRECTIVES[name]?.text ?? `${name}=`,
    continues: name === 'check',
  }));
}
