/** What is no valid YAML. */
import type { ComposeRule } from '../compose-rule.ts';

export const invalidYaml: ComposeRule = {
  id: 'invalid-yaml',
  severity: 'error',
  title: 'A Compose file must be valid YAML',
  *check({ tree }) {
    for (const { span, message, kind } of tree.problems) {
      if (kind !== 'duplicate-key') yield { span, message: message.replace(/\.$/, '') };
    }
  },
};

export const duplicateKey: ComposeRule = {
  id: 'duplicate-key',
  aliases: ['invalid-yaml'],
  severity: 'error',
  title: 'A key stands once in a mapping',
  *check({ tree }) {
    for (const { span, message, kind } of tree.problems) if (kind === 'duplicate-key') yield { span, message };
  },
};
