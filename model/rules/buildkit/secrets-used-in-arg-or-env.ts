import type { BuildCheck } from '../checked-dockerfile.ts';

const SECRET = /(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i;
const PUBLIC = /(?:_|^)public(?:_|$)/i;

export const secretsUsedInArgOrEnv: BuildCheck = {
  id: 'SecretsUsedInArgOrEnv',
  aliases: ['DL3064'],
  severity: 'warning',
  title: 'Sensitive data should not be used in the ARG or ENV commands',
  *check({ instructions, properties }) {
    for (const instruction of instructions) {
      const { keyword } = instruction;
      if (keyword !== 'ARG' && keyword !== 'ENV') continue;
      for (const { name, nameSpan } of properties(instruction)) {
        if (!SECRET.test(name) || PUBLIC.test(name)) continue;
        const message = `Do not use ARG or ENV instructions for sensitive data (${keyword} ${JSON.stringify(name)})`;
        yield { span: nameSpan, message };
      }
    }
  },
};
