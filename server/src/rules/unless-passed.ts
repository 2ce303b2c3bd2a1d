/** What has passed a rule that looks at its text alone passes it until the text changes. */
import type { TextFacts } from '../dockerfile/text-facts.ts';
import type { Problem } from './rule.ts';

const NOTHING: readonly Problem[] = [];

export function unlessPassed(rule: object, { passed }: TextFacts, look: () => Iterable<Problem>): readonly Problem[] {
  if (passed.has(rule)) return NOTHING;
  const problems = [...look()];
  if (problems.length === 0) passed.add(rule);
  return problems;
}
