import type { Span } from '#model/text/span.ts';
import type { Finding, Rule, Severity } from '../rules/rule.ts';
import type { Settings } from '../settings.ts';

/** Does the file itself ask for this rule not to be reported at this place? */
export type IsSuppressed = (rule: Rule<never>, span: Span) => boolean;

/** All findings of the rules that are on, in the order of the text. */
export function runRules<D>(
  rules: readonly Rule<D>[],
  document: D,
  settings: Settings,
  isSuppressed: IsSuppressed,
): Finding[] {
  const findings: Finding[] = [];
  for (const rule of rules) {
    const severity = severityOf(rule, settings);
    if (severity === 'off') continue;
    const places = new Set<string>();
    for (const problem of rule.check(document)) {
      const { start, end } = problem.span;
      // What an alias brings into several services is wrong in one place.
      const place = `${start} ${end}`;
      if (places.has(place) || isSuppressed(rule, problem.span)) continue;
      places.add(place);
      findings.push({ ...problem, rule: rule.id, severity });
    }
  }
  return findings.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

function severityOf<D>(rule: Rule<D>, settings: Settings): Severity | 'off' {
  for (const name of [rule.id, ...(rule.aliases ?? [])]) {
    const chosen = settings.rules[name];
    if (chosen !== undefined) return chosen;
  }
  return rule.off === true ? 'off' : rule.severity;
}
