/** Parser directives at the top of the file, and names of rules in comments that switch rules off. */
import { DIRECTIVE_NAMES } from '#model/dockerfile/syntax/directives.ts';
import { spanOf } from '#model/text/span.ts';
import type { Completion } from '../language.ts';
import { BUILDKIT_RULES } from '#model/rules/buildkit/buildkit-rules.ts';
import { DOCKERFILE_RULES } from '../rules/dockerfile-rules.ts';
import type { DockerfileDocument } from './document.ts';
import { SYNTAXES } from './known-values.ts';

const VALUES: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  syntax: SYNTAXES,
  escape: new Map([
    ['`', 'A backtick: for paths of Windows.'],
    ['\\', 'A backslash, the default.'],
  ]),
  check: new Map([
    ['skip=', 'Checks that are not made: `skip=A,B`, or `skip=all`.'],
    ['error=true', 'What a check finds fails the build.'],
    ['experimental=', 'Checks that are made only for who asks for them.'],
  ]),
};

const PRAGMAS: ReadonlyMap<string, string> = new Map([
  ['slipway ignore=', 'Rules that do not count for the next instruction.'],
  ['slipway global ignore=', 'Rules that do not count in this file.'],
  ['slipway stage ignore=', 'Rules that do not count in the stage of the FROM below.'],
  ['hadolint ignore=', 'Rules that do not count for the next instruction.'],
  ['hadolint global ignore=', 'Rules that do not count in this file.'],
  ['hadolint stage ignore=', 'Rules that do not count in the stage of the FROM below.'],
  ['hadolint shell=', 'The shell that the commands of the next instructions are for.'],
]);

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
    /^#\s*(?:check\s*=.*(?:skip|experimental)\s*=|(?:hadolint|slipway)\s+(?:(?:global|stage)\s+)?ignore\s*=)(?:[^;]*,)?\s*([\w]*)$/.exec(
      line,
    );
  if (ignored !== null) {
    const span = spanOf(offset - (ignored[1] ?? '').length, offset);
    const isDirective = /^#\s*check/.test(line);
    const isExperimental = isDirective && /experimental\s*=[^;]*$/.test(line);
    const rules = (isDirective ? BUILDKIT_RULES : DOCKERFILE_RULES).filter(
      ({ off }) => off === true || !isExperimental,
    );
    const named = rules.map(
      ({ id, title }): Completion => ({ label: id, kind: 'value', detail: title, span, text: id }),
    );
    return isDirective ? [{ label: 'all', kind: 'value', span, text: 'all', rank: 1 }, ...named] : named;
  }
  const value = /^#\s*(syntax|escape|check)\s*=(?:.*;)?\s*([^\s;=]*)$/.exec(line);
  if (value !== null && isAtTop(document, offset))
    return entries(VALUES[value[1] ?? ''] ?? new Map(), value[2] ?? '', offset);
  const started = /^#\s*(\w*)$/.exec(line);
  const { tree } = document;
  const used = new Set(tree.directives.map(({ name }) => name));
  if (!isAtTop(document, offset)) {
    const pragma = /^#\s*([a-z ]*)$/.exec(line);
    return pragma === null ? [] : entries(PRAGMAS, pragma[1] ?? '', offset);
  }
  if (started === null) return [];
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

/** Directives stand before everything else. */
function isAtTop({ tree }: DockerfileDocument, offset: number): boolean {
  const first = Math.min(
    tree.instructions[0]?.span.start ?? Number.POSITIVE_INFINITY,
    tree.comments[0]?.span.end ?? Number.POSITIVE_INFINITY,
  );
  return offset <= first;
}

function entries(known: ReadonlyMap<string, string>, written: string, offset: number): Completion[] {
  const span = spanOf(offset - written.length, offset);
  return [...known].map(([label, documentation], rank) => ({
    label,
    kind: 'value',
    documentation,
    span,
    text: label,
    rank,
    continues: label.endsWith('='),
  }));
}
