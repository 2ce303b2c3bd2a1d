import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { duplicateStageName } from './duplicate-stage-name.ts';

const { reports } = dockerfile();

test('the second stage of a name', () => {
  const message = 'Duplicate stage name "b", stage names should be unique';
  reports(duplicateStageName, 'FROM a AS b\nFROM a AS «B»', message);
  reports(duplicateStageName, 'FROM a AS b\nFROM b AS c');
});
