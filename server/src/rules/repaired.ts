import type { Fix, Problem, Rule } from '#model/rules/rule.ts';

/** How problems of one rule can be repaired, where the rule itself does not say it. */
export type Repair<D> = (document: D, problem: Problem) => readonly Fix[];

/** The rules, each problem with the fixes that the table has for its rule behind those of its own. */
export function repaired<D>(rules: readonly Rule<D>[], repairs: Readonly<Record<string, Repair<D>>>): Rule<D>[] {
  return rules.map((rule) => {
    const repair = repairs[rule.id];
    if (repair === undefined) return rule;
    return {
      ...rule,
      check: (document) =>
        [...rule.check(document)].map((problem) => {
          const fixes = [...(problem.fixes ?? []), ...repair(document, problem)];
          return fixes.length === 0 ? problem : { ...problem, fixes };
        }),
    };
  });
}
