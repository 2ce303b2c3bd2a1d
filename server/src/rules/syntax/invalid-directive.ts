import type { Directive } from '#model/dockerfile/syntax/tree.ts';
import { wholeLines } from '#model/dockerfile/whole-lines.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import type { Problem } from '#model/rules/rule.ts';

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
    for (const directive of tree.directives) if (directive.name === 'check') yield* checkProblems(directive);
  },
};

/** `skip=A,B;error=true;experimental=all` */
function* checkProblems({ value, valueSpan }: Directive): Generator<Problem> {
  let at = valueSpan.start;
  for (const option of value.split(';')) {
    const span = { start: at, end: at + option.length };
    const [key = '', setting] = option.trim().split('=');
    if (setting === undefined || !['skip', 'error', 'experimental'].includes(key)) {
      yield { span, message: `failed to parse check options: invalid check option ${JSON.stringify(option.trim())}` };
    } else if (key === 'error' && !/^(?:true|false|1|0|t|f)$/i.test(setting.trim())) {
      yield {
        span,
        message: `failed to parse check options: invalid value for error: ${JSON.stringify(setting.trim())}`,
      };
    }
    at += option.length + 1;
  }
}
