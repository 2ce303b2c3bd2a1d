import { nearGlobalArg } from '#model/dockerfile/near-global-arg.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

export const undefinedArgInFrom: BuildCheck = {
  id: 'UndefinedArgInFrom',
  severity: 'warning',
  title: 'FROM command must use declared ARGs',
  *check({ variables }) {
    for (const use of variables.uses) {
      if (use.instruction.keyword !== 'FROM' || use.definition !== undefined || use.predefined) continue;
      const near = nearGlobalArg(variables, use.name);
      const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
      const edits = near === undefined ? [] : [{ span: use.nameSpan, text: near }];
      yield {
        span: use.span,
        message: `FROM argument '${use.name}' is not declared${hint}`,
        fixes: near === undefined ? [] : [{ title: `Change to ${near}`, edits }],
      };
    }
  },
};
