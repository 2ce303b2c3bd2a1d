import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { jsonArgsRecommended } from './json-args-recommended.ts';

const { reports, fixes } = dockerfile();
const message = (keyword: string): string =>
  `JSON arguments recommended for ${keyword} to prevent unintended behavior related to OS signals`;

test('the shell form of CMD and ENTRYPOINT', () => {
  reports(jsonArgsRecommended, 'FROM a\nCMD «node server.js»\n«ENTRYPOINT»', message('CMD'), message('ENTRYPOINT'));
  reports(jsonArgsRecommended, "FROM a\nCMD «['a']»", message('CMD'));
  reports(jsonArgsRecommended, 'FROM a\nCMD ["a"]\nENTRYPOINT []\nHEALTHCHECK CMD a\nRUN b');
});

test('a SHELL says that the shell is meant, in derived stages too', () => {
  reports(
    jsonArgsRecommended,
    'FROM a AS b\nSHELL ["bash", "-c"]\nCMD x\nFROM b\nCMD y\nFROM a\nCMD «z»',
    message('CMD'),
  );
});

test('fixed where the shell only splits words', () => {
  fixes(jsonArgsRecommended, 'FROM a\nCMD node --x="1" server.js', 'FROM a\nCMD node --x="1" server.js');
  fixes(
    jsonArgsRecommended,
    `FROM a\nCMD node 'my server.js'  -p 80`,
    `FROM a\nCMD ["node", "my server.js", "-p", "80"]`,
  );
  for (const shell of ['exec a', 'a && b', 'a $B', 'A=1 b', 'a > b', 'a *.c']) {
    fixes(jsonArgsRecommended, `FROM a\nCMD ${shell}`, `FROM a\nCMD ${shell}`);
  }
});
