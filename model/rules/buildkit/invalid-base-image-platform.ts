import { expandText } from '#model/dockerfile/expand.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

/** BuildKit knows it after pulling; without an engine it is certain only where the base is a stage of the same file. */
export const invalidBaseImagePlatform: BuildCheck = {
  id: 'InvalidBaseImagePlatform',
  severity: 'warning',
  title: 'The platform of the base should be the one that is asked for',
  *check({ stages }) {
    for (const stage of stages) {
      const wanted = constantPlatform(stage);
      const found = stage.base === undefined ? undefined : constantPlatform(stage.base);
      if (stage.image === undefined || wanted === undefined || found === undefined || wanted === found) continue;
      yield {
        span: stage.platform?.valueSpan ?? stage.image.span,
        message: `Base image ${stage.image.text} was pulled with platform "${found}", expected "${wanted}" for current build`,
      };
    }
  },
};

function constantPlatform({ platform }: Stage): string | undefined {
  const value = platform?.value;
  return value === undefined || value.includes('$') ? undefined : expandText(value, () => undefined).value;
}
