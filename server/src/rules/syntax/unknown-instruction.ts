import { INSTRUCTIONS, isInstruction } from '../../dockerfile/instructions.ts';
import { suggest } from '#model/text/suggest.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const unknownInstruction: DockerfileRule = {
  id: 'UnknownInstruction',
  severity: 'error',
  fatal: true,
  title: 'A line must start with an instruction that exists',
  *check({ instructions }) {
    for (const { keyword, name, nameSpan, trigger } of instructions) {
      const wrong = trigger === undefined ? { keyword, name, nameSpan } : trigger;
      if (isInstruction(wrong.keyword)) continue;
      const near = suggest(wrong.keyword, Object.keys(INSTRUCTIONS));
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
