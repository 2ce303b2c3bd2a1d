import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { plainSecret } from './plain-secret.ts';

const { reports } = compose();

test('passwords in the file', () => {
  const message = (name: string): string =>
    `the value of ${name} is readable for everyone who has this file: use \${${name}}, an env_file or secrets`;
  reports(plainSecret, 'services: {a: {environment: {DB_PASSWORD: «x», PORT: 1}}}\n', message('DB_PASSWORD'));
  reports(plainSecret, 'services: {a: {environment: ["API_TOKEN=«x»"]}}\n', message('API_TOKEN'));
  reports(
    plainSecret,
    'services: {a: {environment: {A_PASSWORD: $A, B_TOKEN: "", PASSWORD_FILE: /x, C_SECRET: null, D_PASSWORD: /run/secrets/d}}}\n',
  );
});
