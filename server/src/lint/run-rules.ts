import type { Span } from '#model/text/span.ts';
import type { Level } from '../rules/levels.ts';
import { presetLevel } from '../rules/presets.ts';
import type { Finding, Problem, Rule } from '#model/rules/rule.ts';
import type { RuleFailed } from '../language.ts';
import type { Settings } from '../settings.ts';

/** Does the file itself ask for the rule, known by these names (its id first), not to be reported at this place? */
export type IsSuppressed = (rule: Rule<never>, names: readonly string[], span: Span) => boolean;

/**
 * All findings of the rules that are on, in the order of the text.
 * @param failed told of a rule that breaks: the others go on. Without it the error is thrown
 */
export function runRules<D>(
  rules: readonly Rule<D>[],
  document: D,
  settings: Settings,
  isSuppressed: IsSuppressed,
  failed?: RuleFailed,
): Finding[] {
  const findings: Finding[] = [];
  const levels = createLevels(settings);
  for (const rule of rules) {
    if (!levels.mayBeOn(rule)) continue;
    let places: Set<string> | undefined;
    for (const problem of problemsOf(rule, document, failed)) {
      const { start, end } = problem.span;
      const aliases = problem.aliases ?? rule.aliases ?? [];
      const names = [rule.id, ...aliases];
      const severity = levels.of(rule, names);
      // What an alias brings into several services is wrong in one place.
      const place = `${start} ${end}`;
      if (severity === 'off' || places?.has(place) === true || isSuppressed(rule, names, problem.span)) continue;
      (places ??= new Set()).add(place);
      findings.push({ ...problem, rule: rule.id, aliases, severity });
    }
  }
  return findings.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

function problemsOf<D>(rule: Rule<D>, document: D, failed: RuleFailed | undefined): Iterable<Problem> {
  if (failed === undefined) return rule.check(document);
  try {
    return [...rule.check(document)];
  } catch (error) {
    failed(rule.id, error);
    return [];
  }
}

interface Levels {
  /** False when no problem of the rule is reported, so that it need not be looked for. */
  mayBeOn(rule: Rule<never>): boolean;
  of(rule: Rule<never>, names: readonly string[]): Level;
}

function createLevels({ rules, preset }: Settings): Levels {
  const of = (rule: Rule<never>, names: readonly string[]): Level => {
    for (const name of names) if (Object.hasOwn(rules, name)) return rules[name] ?? 'off';
    return presetLevel(preset, rule, names);
  };
  return {
    of,
    mayBeOn(rule) {
      if (of(rule, [rule.id]) !== 'off') return true;
      return rule.aliases?.some((alias) => of(rule, [rule.id, alias]) !== 'off') === true;
    },
  };
}
