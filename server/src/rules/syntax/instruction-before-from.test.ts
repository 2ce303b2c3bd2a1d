import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { instructionBeforeFrom } from './instruction-before-from.ts';

const { reports } = dockerfile();

test('what stands before FROM', () => {
  const message = 'no build stage in current context: only ARG may stand before FROM';
  reports(instructionBeforeFrom, '«RUN» a\nARG b\nFROM c\nRUN d', message);
  reports(instructionBeforeFrom, 'ARG a\n«ARG» b', 'dockerfile contains no stages to build: there is no FROM');
});
