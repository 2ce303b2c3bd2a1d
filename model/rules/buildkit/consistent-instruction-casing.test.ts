import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { consistentInstructionCasing } from './consistent-instruction-casing.ts';

const { reports, fixes } = dockerfile();

test('what differs from the majority', () => {
  const upper = "Command 'run' should match the case of the command majority (uppercase)";
  reports(consistentInstructionCasing, 'FROM a\n«run» b\nCMD c', upper);
  const lower = "Command 'ADD' should match the case of the command majority (lowercase)";
  reports(consistentInstructionCasing, 'from a\ncopy b c\n«ADD» b c', lower);
});

test('upper case wins a draw, mixed case is never right', () => {
  const message = (word: string): string =>
    `Command '${word}' should match the case of the command majority (uppercase)`;
  reports(consistentInstructionCasing, '«From» a\n«from» b\nRUN b', message('From'), message('from'));
  fixes(consistentInstructionCasing, 'From a\ncOPY b c', 'FROM a\nCOPY b c');
});
