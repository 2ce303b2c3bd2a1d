import { readWord, variablesIn } from '#model/dockerfile/syntax/variables.ts';
import { spanOf } from '#model/text/span.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

export const redundantTargetPlatform: BuildCheck = {
  id: 'RedundantTargetPlatform',
  aliases: ['DL3065'],
  severity: 'warning',
  title: 'Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
  *check({ stages, escape, text }) {
    for (const { platform } of stages) {
      const written = platform?.value?.replaceAll(/^"|"$/g, '');
      if (platform === undefined || written === undefined) continue;
      const [variable, ...others] = variablesIn(readWord(written, 0, written.length, escape));
      const isWhole = variable?.start === 0 && variable.end === written.length && others.length === 0;
      if (variable?.name !== 'TARGETPLATFORM' || !isWhole) continue;
      let end = platform.span.end;
      while (text[end] === ' ' || text[end] === '\t') end++;
      yield {
        span: platform.span,
        message: `Setting platform to predefined ${written} in FROM is redundant as this is the default behavior`,
        tag: 'unnecessary',
        fixes: [
          { title: 'Remove the flag', edits: [{ span: spanOf(platform.span.start, end), text: '' }], safe: true },
        ],
      };
    }
  },
};
