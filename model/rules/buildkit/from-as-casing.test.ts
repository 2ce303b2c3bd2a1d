import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { fromAsCasing } from './from-as-casing.ts';

const { reports, fixes } = dockerfile();

test('AS in another case than FROM', () => {
  reports(fromAsCasing, 'FROM scratch «as» a', "'as' and 'FROM' keywords' casing do not match");
  reports(fromAsCasing, 'from scratch «aS» a', "'aS' and 'from' keywords' casing do not match");
  fixes(fromAsCasing, 'FROM a as b\nfrom c AS d', 'FROM a AS b\nfrom c as d');
});

test('a mixed FROM is another rule’s', () => {
  reports(fromAsCasing, 'From scratch As a');
  reports(fromAsCasing, 'FROM scratch');
});
