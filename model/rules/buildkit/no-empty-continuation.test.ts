import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { noEmptyContinuation } from './no-empty-continuation.ts';

const { reports, fixes } = dockerfile();

test('empty lines between continuation lines', () => {
  reports(noEmptyContinuation, 'RUN a \\\n«\n»  b', 'Empty continuation line');
  reports(noEmptyContinuation, 'RUN a \\\n«\n  \n»  b \\\n«\n»c', 'Empty continuation line', 'Empty continuation line');
  fixes(noEmptyContinuation, 'RUN a \\\n\n  \n  # c\n  b\n', 'RUN a \\\n  # c\n  b\n');
});

test('comments and ends of instructions are none', () => {
  reports(noEmptyContinuation, 'RUN a \\\n# c\n  b\n\n\nRUN c');
});
