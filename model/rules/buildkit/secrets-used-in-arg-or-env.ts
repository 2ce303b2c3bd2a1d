import type { BuildCheck } from '../checked-dockerfile.ts';

const SECRET = /(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i;
const PUBLIC = /(?:_|^)public(?:_|$)/i;

export function isSecretName(name: string): boolean {
  return SECRET.test(name) && !PUBLIC.test(name);
}

export const secretsUsedInArgOrEnv: BuildCheck = {
  id: 'SecretsUsedInArgOrEnv',
  aliases: ['DL3064'],
  severity: 'warning',
  title: 'Sensitive data should not be used in the ARG or ENV commands',
  *check({ stages, withKeyword, properties }) {
    const start = stages[0]?.from.span.start ?? Infinity;
    for (const instruction of withKeyword('ARG', 'ENV')) {
      const { keyword, span } = instruction;
      if (span.start < start) continue;
      for (const { name, nameSpan } of properties(instruction)) {
        if (!isSecretName(name)) continue;
        const message = `Do not use ARG or ENV instructions for sensitive data (${keyword} ${JSON.stringify(name)})`;
        yield { span: nameSpan, message };
      }
    }
  },
};
