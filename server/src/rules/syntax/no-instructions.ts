import type { DockerfileRule } from '../dockerfile-rule.ts';

export const noInstructions: DockerfileRule = {
  id: 'NoInstructions',
  severity: 'error',
  fatal: true,
  title: 'A Dockerfile needs instructions',
  *check({ instructions, text }) {
    if (instructions.length > 0) return;
    yield { span: { start: 0, end: text.trimEnd().length }, message: 'file with no instructions' };
  },
};
