import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { unknownInstruction } from './unknown-instruction.ts';

const { reports, fixes } = dockerfile();

test('a line that starts with no instruction', () => {
  reports(unknownInstruction, '«FORM» scratch', 'unknown instruction: FORM (did you mean FROM?)');
  reports(unknownInstruction, 'FROM a\n«runn» b', 'unknown instruction: runn (did you mean run?)');
  reports(
    unknownInstruction,
    'FROM a\n«DOWNLOAD» b\nONBUILD «COPPY» a b',
    'unknown instruction: DOWNLOAD',
    'unknown instruction: COPPY (did you mean COPY?)',
  );
  fixes(unknownInstruction, 'FROM a\ncoppy b c', 'FROM a\ncopy b c');
});
