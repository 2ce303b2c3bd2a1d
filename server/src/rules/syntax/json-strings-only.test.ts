import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { jsonStringsOnly } from './json-strings-only.ts';

const { reports, fixes } = dockerfile();

test('numbers and other values', () => {
  const message = 'when using JSON array syntax, arrays must be comprised of strings only';
  reports(jsonStringsOnly, 'FROM a\nCMD ["a", «1»]\nVOLUME [«true»]', message, message);
  reports(jsonStringsOnly, 'FROM a\nCMD ["1, 2"]\nRUN [ -f a ]');
  fixes(jsonStringsOnly, 'FROM a\nCMD ["a", 1]', 'FROM a\nCMD ["a", "1"]');
});
