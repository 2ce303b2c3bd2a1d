import { instructionRule } from '../instruction-rule.ts';

export const missingEquals = instructionRule({
  id: 'MissingEquals',
  severity: 'error',
  fatal: true,
  title: 'ENV, LABEL and ARG take pairs of the form name=value',
  concerns: ({ keyword }) => ['ARG', 'ENV', 'LABEL'].includes(keyword),
  *checkInstruction(instruction, document) {
    const { keyword, joined } = instruction;
    for (const { name, nameSpan, span, value, legacy, valueAt } of document.properties(instruction)) {
      if (legacy) continue;
      if (name === '') yield { span, message: `${keyword} names can not be blank` };
      else if (value === undefined && keyword !== 'ARG') {
        const word = joined.text.slice(valueAt - 1 - (span.end - span.start), valueAt - 1);
        yield {
          span: nameSpan,
          message: `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
        };
      }
    }
  },
});
