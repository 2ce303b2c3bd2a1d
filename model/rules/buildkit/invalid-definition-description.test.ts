import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidDefinitionDescription } from './invalid-definition-description.ts';

const { reports, fixes } = dockerfile();

test('comments right above a named stage or an argument', () => {
  const message = (keyword: string, name: string): string =>
    `Comment for ${keyword} should follow the format: \`# ${name} <description>\``;
  reports(invalidDefinitionDescription, '# the base\n«FROM» a AS base', message('FROM', 'base'));
  reports(invalidDefinitionDescription, '\n# note\n«ARG» x=1\nFROM a', message('ARG', 'x'));
});

test('several arguments, several comments, names in capitals', () => {
  const message = (keyword: string, name: string): string =>
    `Comment for ${keyword} should follow the format: \`# ${name} <description>\``;
  reports(invalidDefinitionDescription, '# note\n«ARG» x=1 y=2\nFROM a', message('ARG', '<arg_key>'));
  reports(invalidDefinitionDescription, '# y is it\nARG x=1 y=2\nFROM a');
  reports(invalidDefinitionDescription, '# note\n# x is it\nARG x=1\nFROM a');
  reports(invalidDefinitionDescription, '# x is it\n# note\n«ARG» x=1\nFROM a', message('ARG', 'x'));
  reports(invalidDefinitionDescription, '# B is it\n«FROM» a AS B', message('FROM', 'b'));
});

test('descriptions, separated comments and nameless stages', () => {
  reports(
    invalidDefinitionDescription,
    '# base is it\nFROM a AS base\n# note\n\nARG x\n# note\nENV y=1\n# note\nFROM b',
  );
  reports(invalidDefinitionDescription, '# syntax=docker/dockerfile:1\nFROM a AS base');
});

test('two ways out', () => {
  fixes(invalidDefinitionDescription, '# the base\nFROM a AS base', '# base the base\nFROM a AS base');
});
