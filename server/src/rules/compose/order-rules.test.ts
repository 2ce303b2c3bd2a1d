import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import type { ComposeRule } from '../compose-rule.ts';
import { ORDER_RULES } from './order-rules.ts';
import { quotedVolumes } from './quoted-volumes.ts';

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
    'services: {a: {ports: ["9:1", "10:2", "«8»:3"]}}\n',
    "'8' should stand before '10'",
  );
});

test('the usual orders', () => {
  reports(
    rule('service-keys-order'),
    'services: {a: {ports: [], «image»: b, x-y: 1, «command»: c}}\n',
    "'image' should stand before 'ports'",
    "'command' should stand before 'x-y'",
  );
  reports(
    rule('top-level-properties-order'),
    'services: {}\nvolumes: {}\n«networks»: {}\n',
    "'networks' should stand before 'volumes'",
  );
  reports(rule('top-level-properties-order'), 'x-b: 1\nname: a\nservices: {}\nvolumes: {}\nmodels: {}\n');
});

test('quotes around volumes', () => {
  reports(
    quotedVolumes,
    'services: {a: {volumes: [«"./b:/c"», d:/e, «"f g:/h"»]}}\n',
    'volumes need no quotes',
    'volumes need no quotes',
  );
  fixes(quotedVolumes, 'services: {a: {volumes: ["./b:/c"]}}\n', 'services: {a: {volumes: [./b:/c]}}\n');
});

test('pieces on lines of their own are put in order, comments above them too', () => {
  fixes(
    rule('services-alphabetical-order'),
    'services:\n  # the web\n  web:\n    image: a\n\n  db: # data\n    image: b\nnetworks: {}\n',
    'services:\n  db: # data\n    image: b\n  # the web\n  web:\n    image: a\n\nnetworks: {}\n',
  );
  fixes(
    rule('services-alphabetical-order'),
    'services:\n  b:\n    image: x\n  a:\n    image: y',
    'services:\n  a:\n    image: y\n  b:\n    image: x',
  );
  fixes(
    rule('service-dependencies-alphabetical-order'),
    'services:\n  a:\n    depends_on:\n    - c\n    - b\n',
    'services:\n  a:\n    depends_on:\n    - b\n    - c\n',
  );
  const anchored = 'services:\n  b: &x\n    image: a\n  a: *x\n';
  fixes(rule('services-alphabetical-order'), anchored, anchored);
});
