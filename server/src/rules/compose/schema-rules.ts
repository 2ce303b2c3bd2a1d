/** Whether keys and values are those of the Compose Specification. */
import type { SchemaProblem } from '#model/compose/validate.ts';
import type { Severity } from '#model/rules/rule.ts';
import type { ComposeRule } from '../compose-rule.ts';

/** dclint has one name for all of them. */
const INVALID_SCHEMA = ['invalid-schema'];

export const unknownProperty: ComposeRule = {
  id: 'unknown-property',
  aliases: INVALID_SCHEMA,
  severity: 'error',
  title: 'Keys are those of the Compose Specification, or start with x-',
  *check(document) {
    for (const problem of document.schemaProblems) {
      if (problem.code !== 'unknown-key') continue;
      const { span, message, near } = problem;
      const fixes = near === undefined ? [] : [{ title: `Change to '${near}'`, edits: [{ span, text: near }] }];
      yield { span, message, fixes };
    }
  },
};

function schemaRule(id: string, title: string, code: SchemaProblem['code'], severity: Severity = 'error'): ComposeRule {
  return {
    id,
    aliases: INVALID_SCHEMA,
    severity,
    title,
    *check(document) {
      for (const { code: found, span, message } of document.schemaProblems) if (found === code) yield { span, message };
    },
  };
}

export const SCHEMA_RULES: readonly ComposeRule[] = [
  unknownProperty,
  schemaRule('missing-property', 'A mapping has the keys that it needs', 'missing-key'),
  schemaRule('wrong-type', 'A value is of the kind that its key takes', 'wrong-type'),
  schemaRule('wrong-value', 'A value is one of those that its key takes', 'wrong-value'),
  schemaRule('duplicate-item', 'An item stands once in a list', 'duplicate-item'),
  schemaRule(
    'repeated-item',
    'An item stands once in a list of which Compose takes each once',
    'repeated-item',
    'warning',
  ),
  schemaRule('invalid-name', "Names of services consist of letters, digits, '.', '_' and '-'", 'invalid-name'),
];
