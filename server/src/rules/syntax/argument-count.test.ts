import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { argumentCount } from './argument-count.ts';

const { reports } = dockerfile();

test('too few', () => {
  reports(
    argumentCount,
    'FROM a\n«ENV»\n«EXPOSE»\n«ONBUILD»',
    ...['ENV', 'EXPOSE', 'ONBUILD'].map((k) => `${k} requires at least one argument`),
  );
  reports(
    argumentCount,
    'FROM a\n«USER»\n«WORKDIR»',
    'USER requires exactly one argument',
    'WORKDIR requires exactly one argument',
  );
  reports(argumentCount, 'FROM a\nENV «a»', 'ENV must have two arguments');
  const why = 'requires at least two arguments, but only one was provided. Destination could not be determined';
  reports(argumentCount, 'FROM a\nCOPY «a»\nADD «["a"]»', `COPY ${why}`, `ADD ${why}`);
});

test('FROM', () => {
  const message = 'FROM requires either one or three arguments';
  reports(argumentCount, '«FROM»', message);
  reports(argumentCount, 'FROM a «b»', message);
  reports(argumentCount, 'FROM a «as»', message);
  reports(argumentCount, 'FROM a AS b «c d»', message);
  reports(argumentCount, 'FROM a AS b\nRUN\nCMD\nUSER a b');
  reports(argumentCount, 'FROM a\nUSER []\nARG []\nWORKDIR []\nHEALTHCHECK CMD []');
});
