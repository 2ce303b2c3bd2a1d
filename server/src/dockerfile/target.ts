/** What building one stage needs: BuildKit looks at what stands in other stages only where it reads the file. */
import { type Stage, stageNamed, stageReferred } from '#model/dockerfile/syntax/stages.ts';
import type { Span } from '#model/text/span.ts';
import { CHECKED_WHILE_READING } from '#model/rules/buildkit/checked-while-reading.ts';
import type { Rule } from '#model/rules/rule.ts';
import type { DockerfileDocument } from './document.ts';
import { stageReferences } from './stage-references.ts';

export function stageToBuild(stages: readonly Stage[], target: string): Stage | undefined {
  return stageNamed(stages, target) ?? (/^\d+$/.test(target) ? stages[Number(target)] : undefined);
}

/** Is the place in a stage that the build's target does not need? */
export function outsideTarget(document: DockerfileDocument): (rule: Rule<never>, span: Span) => boolean {
  const { stages, source } = document;
  const target = source.build?.target === undefined ? undefined : stageToBuild(stages, source.build.target);
  if (target === undefined) return () => false;
  const needed = new Set([target]);
  for (const { stage, text } of [...stageReferences(stages)].toReversed()) {
    const used = needed.has(stage) ? stageReferred(stages, text, stage.index) : undefined;
    if (used !== undefined) needed.add(used);
  }
  return (rule, { start }) => {
    if (rule.fatal === true || CHECKED_WHILE_READING.has(rule.id)) return false;
    const stage = stages.findLast(({ from }) => from.span.start <= start);
    return stage !== undefined && start > stage.from.span.end && !needed.has(stage);
  };
}
