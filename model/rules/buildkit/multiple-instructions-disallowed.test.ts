import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { multipleInstructionsDisallowed } from './multiple-instructions-disallowed.ts';

const { reports, fixes } = dockerfile();
const message = (keyword: string): string =>
  `Multiple ${keyword} instructions should not be used in the same stage because only the last one will be used`;

test('all but the last', () => {
  reports(
    multipleInstructionsDisallowed,
    'FROM a\n«CMD x»\n«CMD y»\nCMD z\nENTRYPOINT q',
    message('CMD'),
    message('CMD'),
  );
  reports(multipleInstructionsDisallowed, 'FROM a\nCMD x\nFROM b\nCMD y');
  fixes(multipleInstructionsDisallowed, 'FROM a\nHEALTHCHECK NONE\nHEALTHCHECK CMD x\n', 'FROM a\nHEALTHCHECK CMD x\n');
});
