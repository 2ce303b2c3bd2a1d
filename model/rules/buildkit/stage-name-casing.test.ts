import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { stageNameCasing } from './stage-name-casing.ts';

const { reports, fixes } = dockerfile();

test('a stage name with capitals', () => {
  reports(stageNameCasing, 'FROM scratch AS «Foo»', "Stage name 'Foo' should be lowercase");
  reports(stageNameCasing, 'FROM scratch AS foo\nFROM Foo');
  fixes(stageNameCasing, 'FROM scratch as Foo\nFROM scratch AS BAR', 'FROM scratch as foo\nFROM scratch AS bar');
});
