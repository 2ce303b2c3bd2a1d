import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import type { ComposeRule } from '../compose-rule.ts';
import { SCHEMA_RULES, unknownProperty } from './schema-rules.ts';

const { reports, fixes } = compose();

function rule(id: string): ComposeRule {
  const found = SCHEMA_RULES.find((one) => one.id === id);
  assert.ok(found);
  return found;
}

test('unknown properties', () => {
  const text = (key: string): string => `services:\n  web:\n    image: a\n    ${key}: ["80"]\n`;
  reports(unknownProperty, text('«prots»'), "unknown property 'prots' in services.web (did you mean 'ports'?)");
  reports(unknownProperty, '«servces»: {}\n', "unknown property 'servces' at the top level (did you mean 'services'?)");
  reports(unknownProperty, text('x-mine'));
  fixes(unknownProperty, text('prots'), text('ports'));
});

test('values of another kind', () => {
  reports(rule('wrong-type'), 'services:\n  web:\n    image: «1»\n', 'services.web.image must be a string');
  reports(rule('wrong-type'), 'services:\n  «web»:\n', 'services.web must be a mapping');
  reports(
    rule('wrong-type'),
    'services: {web: {image: a, command: ["a", «1»]}}\n',
    'services.web.command[1] must be a string',
  );
  reports(rule('wrong-type'), 'services: {web: {image: a, ports: «80»}}\n', 'services.web.ports must be a list');
  reports(rule('wrong-type'), '«services»\n', 'a Compose file must be a mapping');
});

test('variables may become anything, !reset takes away', () => {
  reports(rule('wrong-type'), 'services: {web: {image: a, tty: "$TTY", ports: !reset null, cpus: $C}}\n');
});

test('other mistakes', () => {
  reports(rule('wrong-value'), 'services: {a: {image: b, gpus: «some»}}\n', "services.a.gpus must be one of 'all'");
  reports(
    rule('duplicate-item'),
    'services: {a: {image: b, group_add: [X, «X»]}}\n',
    "services.a.group_add: 'X' stands twice",
  );
  reports(
    rule('repeated-item'),
    'services: {a: {image: b, cap_add: [X, «X»]}}\n',
    "services.a.cap_add: 'X' stands twice",
  );
  reports(rule('duplicate-item'), 'services: {a: {image: b, cap_add: [X, X], labels: [y, y]}}\n');
  reports(
    rule('missing-property'),
    'services: {a: {image: b, ports: [{«published»: "80"}]}}\n',
    "services.a.ports[0] needs 'target'",
  );
  reports(
    rule('invalid-name'),
    'services: {«a b»: {image: c}, x-y: 1}\n',
    "services: 'a b' is not a valid name: letters, digits, '.', '_' and '-' only",
  );
});

test('what an alias brings is checked once', () => {
  reports(
    unknownProperty,
    'x-base: &base\n  image: a\n  «foo»: 1\nservices:\n  a: *base\n  b: *base\n',
    "unknown property 'foo' in services.a",
  );
});

test('a file with nothing in it', () => {
  const missing = SCHEMA_RULES.find(({ id }) => id === 'missing-property');
  assert.ok(missing);
  for (const text of ['', '# todo\n', '---\n', '{}\n']) reports(missing, `«»${text}`, 'empty compose file');
  reports(missing, 'name: x\n');
});
