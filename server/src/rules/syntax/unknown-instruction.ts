import { INSTRUCTIONS, isInstruction } from '../../dockerfile/instructions.ts';
import { suggest } from '#model/text/suggest.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const unknownInstruction: DockerfileRule = {
  id: 'UnknownInstruction',
  severity: 'error',
  fatal: true,
  title: 'A line must start with an instruction that exists',
  *check({ instructions }) {
    for (const instruction of instructions) {
      const wrong = instruction.trigger ?? instruction;
      if (isInstruction(wrong.keyword)) continue;
      const keyword = suggest(wrong.keyword, Object.keys(INSTRUCTIONS));
      const near = wrong.name === wrong.name.toUpperCase() ? keyword : keyword?.toLowerCase();
      const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
      const edits = near === undefined ? [] : [{ span: wrong.nameSpan, text: near }];
      yield {
        span: wrong.nameSpan,
        message: `unknown instruction: ${wrong.name}${hint}`,
        fixes: near === undefined ? [] : [{ title: `Change to ${near}`, edits }],
      };
    }
  },
};
