import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidDirective } from './invalid-directive.ts';

const { reports, fixes } = dockerfile();

test('values', () => {
  reports(invalidDirective, '# escape=«x»\nFROM a', "invalid escape token 'x' does not match ` or \\");
  reports(
    invalidDirective,
    '# check=«foo»;skip=all\nFROM a',
    'failed to parse check options: invalid check option "foo"',
  );
  reports(
    invalidDirective,
    '# check=skip=A,B;«error=maybe»\nFROM a',
    'failed to parse check options: failed to parse check option "error=maybe": strconv.ParseBool: parsing "maybe": invalid syntax',
  );
  reports(invalidDirective, '# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=;error=true\nFROM a');
});

test('a directive twice', () => {
  reports(invalidDirective, '# escape=`\n«# escape=`»\nFROM a', 'only one escape parser directive can be used');
  fixes(invalidDirective, '# escape=`\n# escape=`\nFROM a', '# escape=`\nFROM a');
});
