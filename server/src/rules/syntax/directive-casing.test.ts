import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { directiveCasing } from './directive-casing.ts';

const { reports, fixes } = dockerfile();

test('capital letters in directives', () => {
  reports(directiveCasing, '# «Escape»=`\n# check=skip=all\nFROM a', "write 'escape' instead of 'Escape'");
  fixes(directiveCasing, '#SYNTAX=x\nFROM a', '#syntax=x\nFROM a');
  reports(directiveCasing, '# note\n# ESCAPE=`\nFROM a');
});
