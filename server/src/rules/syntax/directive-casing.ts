import { textOf } from '#model/text/span.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const directiveCasing: DockerfileRule = {
  id: 'DirectiveCasing',
  severity: 'warning',
  title: 'Parser directives are lowercase',
  *check({ tree, text }) {
    for (const { name, nameSpan } of tree.directives) {
      const written = textOf(text, nameSpan);
      if (written === name) continue;
      const fixes = [{ title: `Change to ${name}`, edits: [{ span: nameSpan, text: name }], safe: true as const }];
      yield { span: nameSpan, message: `write '${name}' instead of '${written}'`, fixes };
    }
  },
};
