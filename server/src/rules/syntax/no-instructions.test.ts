import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { noInstructions } from './no-instructions.ts';

const { reports } = dockerfile();

test('comments only', () => {
  reports(noInstructions, '«# hello»\n', 'file with no instructions');
  reports(noInstructions, '«»\n', 'file with no instructions');
  reports(noInstructions, 'FROM a');
});
