/**
 * How rules are tested: the text marks what must be reported with «guillemets», the messages follow in order. A text
 * without marks must give nothing.
 */
import assert from 'node:assert/strict';
import { applyEdits } from '#model/text/edit.ts';
import { ignoresOf } from '#model/dockerfile/context-ignores.ts';
import { mayComeFromImage } from '#model/dockerfile/image-environment.ts';
import { type CheckedDockerfile, checkedDockerfile } from './checked-dockerfile.ts';
import type { Problem, Rule } from './rule.ts';

export interface Checker<D> {
  /** The rule reports exactly the marked places, with these messages. */
  reports(rule: Rule<D>, marked: string, ...messages: string[]): void;
  /** The first fix of every problem, all applied, gives this text. */
  fixes(rule: Rule<D>, text: string, expected: string): void;
}

export function createChecker<D>(
  parse: (text: string, files: Readonly<Record<string, string>>) => D,
): (files?: Readonly<Record<string, string>>) => Checker<D> {
  return (files = {}) => {
    const problems = (rule: Rule<D>, text: string): Problem[] => {
      return [...rule.check(parse(text, files))].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
    };
    return {
      reports(rule, marked, ...messages) {
        const text = marked.replaceAll(/[«»]/g, '');
        const found = problems(rule, text);
        assert.equal(mark(text, found), marked);
        assert.deepEqual(
          found.map((problem) => problem.message),
          messages,
        );
      },
      fixes(rule, text, expected) {
        const edits = problems(rule, text).flatMap((problem) => problem.fixes?.[0]?.edits ?? []);
        assert.equal(applyEdits(text, edits), expected);
      },
    };
  };
}

/** Files beside it at `/project/…`. */
export const dockerfile = createChecker<CheckedDockerfile>((text, files) => {
  const ignoreFile = files['/project/Dockerfile.dockerignore'] ?? files['/project/.dockerignore'];
  return checkedDockerfile(text, { given: {}, ignores: ignoresOf(ignoreFile), mayComeFromImage });
});

function mark(text: string, problems: readonly Problem[]): string {
  return applyEdits(
    text,
    problems.flatMap(({ span }) => [
      { span: { start: span.start, end: span.start }, text: '«' },
      { span: { start: span.end, end: span.end }, text: '»' },
    ]),
  );
}
