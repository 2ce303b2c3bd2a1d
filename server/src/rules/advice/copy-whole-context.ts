/** The whole context brings what nobody looked at: `.git`, `.env`, keys. Proposed for hadolint as DL4007. */
import { copyParts } from '#model/dockerfile/copy-sources.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { instructionRule } from '../instruction-rule.ts';

export const copyWholeContext: DockerfileRule = instructionRule({
  id: 'CopyWholeContext',
  severity: 'warning',
  off: true,
  title: 'COPY takes from the context what the image needs, not everything',
  aliases: ['DL4007'],
  concerns: ({ keyword }) => keyword === 'COPY',
  checkInstruction(instruction) {
    const { sources, from } = copyParts(instruction);
    if (from !== undefined) return [];
    return sources
      .filter(({ text }) => /^(["']?)\.\/?\1$/.test(text))
      .map(({ span }) => ({
        span,
        message: 'the whole context is copied, with .git, .env and whatever else lies there: name what is needed',
      }));
  },
});
