import { wholeLines } from '#model/dockerfile/whole-lines.ts';
import { boolOf, type CheckOption, checkOptions } from '#model/rules/check-directive.ts';
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
      const problem = problemWith(option);
      if (problem !== undefined)
        yield {
          span: spanOf(start, start + option.text.length),
          message: `failed to parse check options: ${problem}`,
        };
    }
  },
};

/** `skip=A,B;error=true;experimental=all` */
function problemWith({ key, value, text }: CheckOption): string | undefined {
  if (value === undefined) return `invalid check option ${JSON.stringify(text)}`;
  if (key === 'skip' || key === 'experimental') return undefined;
  if (key !== 'error') return `invalid check option ${JSON.stringify(key)}`;
  if (boolOf(value) !== undefined) return undefined;
  return `failed to parse check option ${JSON.stringify(text)}: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
}
