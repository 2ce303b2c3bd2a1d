/** What ShellCheck says about the scripts of a Dockerfile, as findings of rules `SC…` at their places in the file. */
import { spanOf } from '#model/text/span.ts';
import { runRules } from '../lint/run-rules.ts';
import type { Finding, Fix, Problem, Rule, Severity } from '#model/rules/rule.ts';
import type { Settings } from '../settings.ts';
import type { CheckedScript, ShellComment, ShellScript } from '../language.ts';
import type { DockerfileDocument } from './document.ts';
import { suppressionsOf } from './suppressions.ts';

/** About other files, and about what only a file of its own has: hadolint leaves them out too. */
const LEFT_OUT: ReadonlySet<number> = new Set([1090, 1091, 2187, 2148, 2096]);

const SEVERITIES: Readonly<Record<ShellComment['level'], Severity>> = {
  error: 'error',
  warning: 'warning',
  info: 'information',
  style: 'hint',
};

export function shellFindings(
  document: DockerfileDocument,
  checked: readonly CheckedScript[],
  settings: Settings,
): Finding[] {
  const byCode = new Map<number, { level: ShellComment['level']; problems: Problem[] }>();
  for (const { script, comments } of checked) {
    for (const comment of comments) {
      if (LEFT_OUT.has(comment.code)) continue;
      const known = byCode.get(comment.code) ?? { level: comment.level, problems: [] };
      known.problems.push(problemOf(script, comment));
      byCode.set(comment.code, known);
    }
  }
  const rules = [...byCode].map(
    ([code, { level, problems }]): Rule<DockerfileDocument> => ({
      id: `SC${code}`,
      severity: SEVERITIES[level],
      title: 'ShellCheck',
      check: () => problems,
    }),
  );
  const set = { ...settings, rules: { ...document.hadolint.rules, ...settings.rules } };
  return runRules(rules, document, set, suppressionsOf(document), document.source.ruleFailed);
}

function problemOf({ sourceAt }: ShellScript, { start, end, message, code, replacements }: ShellComment): Problem {
  const place = (from: number, to: number) =>
    to > from ? spanOf(sourceAt(from), sourceAt(to - 1) + 1) : spanOf(sourceAt(from), sourceAt(from));
  const fix: Fix = {
    title: 'Fix as ShellCheck proposes',
    edits: replacements.map((one) => ({ span: place(one.start, one.end), text: one.text })),
  };
  return {
    span: place(start, end),
    message,
    page: `https://www.shellcheck.net/wiki/SC${code}`,
    ...(replacements.length === 0 ? {} : { fixes: [fix] }),
  };
}
