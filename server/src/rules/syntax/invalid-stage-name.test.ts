import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidStageName } from './invalid-stage-name.ts';

const { reports } = dockerfile();

test('names with other characters', () => {
  const message = (name: string): string =>
    `invalid name for build stage: "${name}", name can't start with a number or contain symbols`;
  reports(invalidStageName, 'FROM a AS «1a»\nFROM a AS «b/c»', message('1a'), message('b/c'));
  reports(invalidStageName, 'FROM a AS Final_stage-1.x\nFROM b');
});
