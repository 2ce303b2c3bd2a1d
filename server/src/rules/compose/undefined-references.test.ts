import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import type { ComposeRule } from '../compose-rule.ts';
import { UNDEFINED_REFERENCES } from './undefined-references.ts';

const { reports, fixes } = compose();

function rule(section: string): ComposeRule {
  const found = UNDEFINED_REFERENCES.find(({ id }) => id === `undefined-${section}`);
  assert.ok(found);
  return found;
}

test('services in all places that name one', () => {
  const message = (name: string): string => `service "a" depends on undefined service "${name}"`;
  const service = (text: string): string => `services:\n  a:\n    image: i\n    ${text}\n`;
  reports(rule('service'), service('depends_on: [«x»]'), message('x'));
  reports(rule('service'), service('depends_on: {«x»: {condition: service_started}}'), message('x'));
  reports(rule('service'), service('links: ["«x»:y"]'), message('x'));
  reports(rule('service'), service("volumes_from: ['«x»:ro', 'container:c']"), message('x'));
  reports(rule('service'), service('network_mode: service:«x»'), message('x'));
  reports(rule('service'), service('build: {additional_contexts: {c: "service:«x»"}}'), message('x'));
  reports(rule('service'), service('extends: {service: «x»}'), 'cannot extend service "a": service "x" not found');
  reports(rule('service'), service('extends: {service: x, file: other.yaml}'));
  reports(rule('service'), service('depends_on: {x: {condition: service_started, required: false}}'));
});

test('networks, volumes, secrets, configs, models', () => {
  const service = (text: string): string => `services: {a: {image: i, ${text}}}\n`;
  reports(rule('network'), service('networks: [default, «x»]'), 'service "a" refers to undefined network x');
  reports(
    rule('volume'),
    service('volumes: ["«xx»:/a", "./y:/b", "/c", "$V:/d"]'),
    'service "a" refers to undefined volume xx',
  );
  reports(
    rule('volume'),
    service('volumes: [{type: volume, source: «xx», target: /a}]'),
    'service "a" refers to undefined volume xx',
  );
  reports(rule('secret'), service('secrets: [{source: «x»}]'), 'service "a" refers to undefined secret x');
  reports(
    rule('secret'),
    service('build: {context: ., secrets: [«x»]}'),
    'service "a" refers to undefined build secret x',
  );
  reports(rule('config'), service('configs: [«x»]'), 'service "a" refers to undefined config x');
  reports(rule('model'), service('models: {«x»: {}}'), 'service "a" refers to undefined model x');
});

test('what other files of the project define', () => {
  const text =
    'include: [sub/more.yaml]\nservices:\n  a:\n    image: i\n    networks: [net, «gone»]\n    depends_on: [b]\n';
  const files = {
    '/project/sub/more.yaml': 'services: {b: {image: i}}\n',
    '/project/compose.override.yaml': 'networks: {net: }\n',
  };
  compose(files).reports(rule('network'), text, 'service "a" refers to undefined network gone');
  compose(files).reports(rule('service'), text.replaceAll(/[«»]/g, ''));
});

test('nothing is called undefined when an include is out of reach', () => {
  reports(rule('service'), 'include: [oci://x/y]\nservices: {a: {image: i, depends_on: [b]}}\n');
});

test('did you mean, or define it', () => {
  fixes(
    rule('network'),
    'services:\n  a:\n    networks: [frnt]\nnetworks:\n  front:\n',
    'services:\n  a:\n    networks: [front]\nnetworks:\n  front:\n',
  );
  fixes(
    rule('network'),
    'services:\n  a:\n    networks: [back]\nnetworks:\n    front:\n',
    'services:\n  a:\n    networks: [back]\nnetworks:\n    back:\n    front:\n',
  );
  fixes(
    rule('volume'),
    'services:\n  a:\n    volumes: ["data:/d"]\n',
    'services:\n  a:\n    volumes: ["data:/d"]\n\nvolumes:\n  data:\n',
  );
});
