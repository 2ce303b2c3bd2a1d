import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidDefinitionDescription } from './invalid-definition-description.ts';

const { reports, fixes } = dockerfile();

test('comments right above a named stage or an argument', () => {
  const message = (keyword: string, name: string): string =>
    `Comment for ${keyword} should follow the format: \`# ${name} <description>\``;
  reports(invalidDefinitionDescription, '«# the base»\nFROM a AS base', message('FROM', 'base'));
  reports(invalidDefinitionDescription, '\n«# note»\nARG x=1\nFROM a', message('ARG', 'x'));
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
