import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { missingEquals } from './missing-equals.ts';

const { reports } = dockerfile();

test('a word without equals sign among pairs', () => {
  const message = 'Syntax error - can\'t find = in "c". Must be of the form: name=value';
  reports(missingEquals, 'FROM a\nENV a=b «c» d=e', message);
  reports(missingEquals, 'FROM a\nLABEL a=b «"c d"»', message.replace('"c"', '"\\"c d\\""'));
  reports(missingEquals, 'ARG a b=c\nFROM a\nENV a b c');
});

test('an empty name', () => {
  reports(missingEquals, 'FROM a\nENV «=b»\nARG «=c»', 'ENV names can not be blank', 'ARG names can not be blank');
});
