import { suggest } from '#model/text/suggest.ts';
import { PLATFORM_ARGS, PREDEFINED_ARGS } from '#model/dockerfile/predefined-args.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

export const undefinedArgInFrom: BuildCheck = {
  id: 'UndefinedArgInFrom',
  severity: 'warning',
  title: 'FROM command must use declared ARGs',
  *check({ variables }) {
    for (const use of variables.uses) {
      if (use.instruction.keyword !== 'FROM' || use.definition !== undefined || use.predefined) continue;
      const globals = variables.definitions.filter(({ stage }) => stage === undefined).map(({ name }) => name);
      const near = suggest(use.name, [...globals, ...PLATFORM_ARGS.keys(), ...PREDEFINED_ARGS], true);
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
