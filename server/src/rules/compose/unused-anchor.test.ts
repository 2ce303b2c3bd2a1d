import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { unusedAnchor } from './unused-anchor.ts';

const { reports, fixes } = compose();

test('anchors without an alias', () => {
  reports(unusedAnchor, 'x-a: «&a»\n  image: b\nservices: {}\n', "no alias '*a' refers to this anchor");
  reports(unusedAnchor, 'services: {c: {image: «&i» b}}\n', "no alias '*i' refers to this anchor");
  reports(unusedAnchor, 'x-a: &a {image: b}\nservices: {c: *a, d: {<<: *a}}\n');
});

test('a name that is given again: each anchor by itself', () => {
  const text = 'x-a: «&a» 1\nx-b: &a 2\nx-c: *a\n';
  reports(unusedAnchor, text, "no alias '*a' refers to this anchor");
});

test('the anchor is removed, what it named stays', () => {
  fixes(unusedAnchor, 'x-a: &a\n  image: b\nx-c: &c d\n', 'x-a:\n  image: b\nx-c: d\n');
});
