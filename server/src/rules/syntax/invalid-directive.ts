import { wholeLines } from '#model/dockerfile/whole-lines.ts';
import { checkOptionError, checkOptions } from '#model/rules/check-directive.ts';
import { spanOf } from '#model/text/span.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const invalidDirective: DockerfileRule = {
  id: 'InvalidDirective',
  severity: 'error',
  fatal: true,
  title: 'A parser directive stands once and has a value that exists',
  *check({ tree, text }) {
    for (const { code, span, subject } of tree.problems) {
      if (code === 'duplicate-directive') {
        const fixes = [{ title: 'Remove this line', edits: [{ span: wholeLines(text, span), text: '' }] }];
        yield { span, message: `only one ${subject} parser directive can be used`, fixes };
      } else if (code === 'invalid-escape') {
        yield { span, message: `invalid escape token '${subject}' does not match \` or \\` };
      }
    }
    const check = tree.directives.find(({ name }) => name === 'check');
    if (check === undefined) return;
    for (const option of checkOptions(tree)) {
      const start = check.valueSpan.start + option.at;
      const message = checkOptionError(option);
      if (message !== undefined) yield { span: spanOf(start, start + option.text.length), message };
    }
  },
};
