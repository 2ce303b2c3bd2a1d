import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import type { ComposeRule } from '../compose-rule.ts';
import { ORDER_RULES, quotedVolumes } from './order-rules.ts';

const { reports, fixes } = compose();

function rule(id: string): ComposeRule {
  const found = ORDER_RULES.find((one) => one.id === id);
  assert.ok(found);
  return found;
}

test('alphabetical orders', () => {
  reports(rule('services-alphabetical-order'), 'services: {a: , c: , «b»: }\n', "'b' should stand before 'c'");
  reports(
    rule('service-dependencies-alphabetical-order'),
    'services: {a: {depends_on: [c, «b»]}}\n',
    "'b' should stand before 'c'",
  );
  reports(
    rule('service-ports-alphabetical-order'),
    'services: {a: {ports: ["9:1", "10:2", «"8:3"»]}}\n',
    "'8:3' should stand before '10:2'",
  );
});

test('the usual orders', () => {
  reports(
    rule('service-keys-order'),
    'services: {a: {ports: [], «image»: b, x-y: 1, command: c}}\n',
    "'image' should stand before 'ports'",
  );
  reports(
    rule('top-level-properties-order'),
    'services: {}\nvolumes: {}\n«networks»: {}\n',
    "'networks' should stand before 'volumes'",
  );
  reports(rule('top-level-properties-order'), 'name: a\nx-b: 1\nservices: {}\nvolumes: {}\n');
});

test('quotes around volumes', () => {
  reports(quotedVolumes, 'services: {a: {volumes: [«"./b:/c"», d:/e, "f g:/h"]}}\n', 'volumes need no quotes');
  fixes(quotedVolumes, 'services: {a: {volumes: ["./b:/c"]}}\n', 'services: {a: {volumes: [./b:/c]}}\n');
});
