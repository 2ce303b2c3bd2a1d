import { type IgnoreDocument } from '../../dockerignore/document.ts';
import { COMMON } from '../../dockerignore/complete.ts';
import { isInvalid, matchesOf, takenBack } from '../../dockerignore/matches.ts';
import { wholeLines } from '#model/dockerfile/whole-lines.ts';
import type { Fix, Rule } from '#model/rules/rule.ts';

type DockerignoreRule = Rule<IgnoreDocument>;

const ignoreInvalidPattern: DockerignoreRule = {
  id: 'IgnoreInvalidPattern',
  severity: 'error',
  title: 'A line of .dockerignore is a valid pattern',
  *check({ patterns }) {
    for (const line of patterns) {
      if (!isInvalid(line)) continue;
      const message =
        line.pattern === '' ? 'there is no pattern behind the !' : `syntax error in pattern ${line.pattern}`;
      yield { span: line.span, message };
    }
  },
};

const ignoreNothing: DockerignoreRule = {
  id: 'IgnoreNothing',
  severity: 'hint',
  title: 'A pattern of .dockerignore matches something',
  *check(document) {
    if (document.context?.complete !== true) return;
    for (const line of document.patterns) {
      // What people always write is there for what will come.
      const isUnknown = COMMON.has(line.pattern) || (document.context.skipped && line.pattern.includes('**'));
      if (line.negated || isUnknown || isInvalid(line) || matchesOf(document, line).length > 0) continue;
      const message = `nothing here matches ${line.pattern}`;
      yield { span: line.span, message, tag: 'unnecessary', fixes: [removal(document, line)] };
    }
  },
};

const ignoreExceptionWithoutEffect: DockerignoreRule = {
  id: 'IgnoreExceptionWithoutEffect',
  severity: 'warning',
  title: 'An exception of .dockerignore takes back something that is ignored',
  *check(document) {
    for (const line of document.patterns) {
      if (!line.negated || isInvalid(line)) continue;
      const isFirst = document.patternsBefore(line).isEmpty;
      // Whether it has an effect can be told only where there is something that it matches.
      const exists = document.context?.complete === true && matchesOf(document, line).length > 0;
      if (!isFirst && (!exists || takenBack(document, line).length > 0)) continue;
      const why = isFirst ? 'nothing is ignored before it' : 'what it matches is not ignored before it';
      yield { span: line.span, message: `!${line.pattern} has no effect: ${why}`, fixes: [removal(document, line)] };
    }
  },
};

function removal({ text }: IgnoreDocument, { span }: IgnoreDocument['patterns'][number]): Fix {
  return { title: 'Remove the line', edits: [{ span: wholeLines(text, span), text: '' }] };
}

export const DOCKERIGNORE_RULES: readonly DockerignoreRule[] = [
  ignoreInvalidPattern,
  ignoreNothing,
  ignoreExceptionWithoutEffect,
];
