import type { DockerfileRule } from '../dockerfile-rule.ts';

export const invalidStageName: DockerfileRule = {
  id: 'InvalidStageName',
  severity: 'error',
  fatal: true,
  title: 'A stage name starts with a letter and holds letters, digits, `-`, `_` and `.`',
  *check({ stages }) {
    for (const { name } of stages) {
      if (name === undefined || /^[a-z][a-z0-9-_.]*$/i.test(name.text)) continue;
      const why = "name can't start with a number or contain symbols";
      yield { span: name.span, message: `invalid name for build stage: ${JSON.stringify(name.text)}, ${why}` };
    }
  },
};
