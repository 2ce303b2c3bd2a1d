import { type Stage, stageNamed, stageReferred } from '#model/dockerfile/syntax/stages.ts';
import { stageReferences } from '../../dockerfile/stage-references.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const invalidCopyFrom: DockerfileRule = {
  id: 'InvalidCopyFrom',
  aliases: ['DL3023'],
  severity: 'error',
  fatal: true,
  title: 'Files are copied from a stage that stands above, or from an image',
  *check({ stages }) {
    for (const { stage, text, span, by } of stageReferences(stages)) {
      if (by === 'FROM') continue;
      const message = problemOf(stages, stage, text, by);
      const isOwn = stage.name?.text.toLowerCase() === text.toLowerCase();
      if (message !== undefined) yield { span, message, aliases: isOwn && by === 'COPY' ? ['DL3023'] : [] };
    }
  },
};

function problemOf(stages: readonly Stage[], stage: Stage, text: string, by: string): string | undefined {
  if (text.includes('$')) {
    if (by === 'RUN') return undefined; // InvalidMount's
    return 'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround';
  }
  if (stageReferred(stages, text, stage.index) !== undefined) return undefined;
  const own = stage.name?.text ?? `stage-${stage.index}`;
  const isNumber = /^\d+$/.test(text);
  const target = isNumber ? stages[Number(text)] : stageNamed(stages.slice(stage.index), text);
  if (target === undefined) return isNumber ? `invalid stage index ${text}` : undefined;
  if (target === stage) return `circular dependency detected on stage: ${own}`;
  return `cannot copy from stage ${JSON.stringify(text)}, it needs to be defined before current stage ${JSON.stringify(own)}`;
}
