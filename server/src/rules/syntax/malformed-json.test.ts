import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { malformedJson } from './malformed-json.ts';

const { reports } = dockerfile();

test('almost JSON', () => {
  const message = 'Not a valid JSON array, so it is read as plain words';
  reports(malformedJson, 'FROM a\nCOPY «["a", "b",]»', message);
  reports(malformedJson, "FROM a\nCMD «['a']»", `${message}: JSON strings are in double quotes`);
  reports(malformedJson, "FROM a\nVOLUME «['/a']»", `${message}: JSON strings are in double quotes`);
  reports(malformedJson, 'FROM a\nRUN [ -f a ] || true\nRUN ["a"]\nCMD [ -f a ]\nRUN [ "$A" = b ] && c');
});
