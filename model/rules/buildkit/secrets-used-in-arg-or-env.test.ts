import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { secretsUsedInArgOrEnv } from './secrets-used-in-arg-or-env.ts';

const { reports } = dockerfile();
const message = (what: string): string => `Do not use ARG or ENV instructions for sensitive data (${what})`;

test('names that say secret', () => {
  reports(
    secretsUsedInArgOrEnv,
    'ARG TOKEN\nFROM a\nARG «API_KEY»=1 «auth»',
    message('ARG "API_KEY"'),
    message('ARG "auth"'),
  );
  reports(secretsUsedInArgOrEnv, 'FROM a\nENV «DB_PASSWORD» x', message('ENV "DB_PASSWORD"'));
  reports(secretsUsedInArgOrEnv, 'FROM a\nENV PUBLIC_KEY=1 KEYFILE=2 TOKENS=3\nLABEL secret=1');
});
