import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { reservedStageName } from './reserved-stage-name.ts';

const { reports } = dockerfile();

test('reserved words as names', () => {
  const message = 'Stage name should not use the same name as reserved stage "scratch"';
  reports(reservedStageName, 'FROM a AS «Scratch»', message);
  reports(reservedStageName, 'FROM scratch AS contexts');
});
