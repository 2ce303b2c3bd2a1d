import { isInstruction } from '../../dockerfile/instructions.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const instructionBeforeFrom: DockerfileRule = {
  id: 'InstructionBeforeFrom',
  aliases: ['DL3061'],
  severity: 'error',
  fatal: true,
  title: 'Only ARG may stand before the first FROM',
  *check({ preamble, stages }) {
    for (const { keyword, nameSpan } of preamble) {
      if (keyword === 'ARG' || !isInstruction(keyword)) continue;
      yield { span: nameSpan, message: 'no build stage in current context: only ARG may stand before FROM' };
    }
    const last = preamble.at(-1);
    if (stages.length === 0 && last !== undefined && preamble.every(({ keyword }) => keyword === 'ARG')) {
      yield { span: last.nameSpan, aliases: [], message: 'dockerfile contains no stages to build: there is no FROM' };
    }
  },
};
