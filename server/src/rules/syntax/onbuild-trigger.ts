import type { DockerfileRule } from '../dockerfile-rule.ts';

export const onbuildTrigger: DockerfileRule = {
  id: 'OnbuildTrigger',
  aliases: ['DL3043'],
  severity: 'error',
  fatal: true,
  title: 'ONBUILD takes any instruction but FROM, MAINTAINER and ONBUILD',
  *check({ instructions }) {
    for (const { trigger } of instructions) {
      if (trigger === undefined) continue;
      const { keyword, nameSpan } = trigger;
      if (keyword === 'ONBUILD') {
        yield { span: nameSpan, message: "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed" };
      } else if (keyword === 'FROM' || keyword === 'MAINTAINER') {
        yield { span: nameSpan, message: `${keyword} isn't allowed as an ONBUILD trigger` };
      }
    }
  },
};
