import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { duplicateKey, invalidYaml } from './yaml-rules.ts';

const { reports } = compose();

test('a text that is no YAML', () => {
  reports(
    invalidYaml,
    'services:\n  web: [1, 2«»',
    'Flow sequence in block collection must be sufficiently indented and end with a ]',
  );
});

test('a key that stands twice', () => {
  reports(duplicateKey, 'services:\n  web:\n    image: a\n    «image»: b\n', "the key 'image' stands twice");
  reports(duplicateKey, 'a: 1\nb: {a: 1}\n');
});
