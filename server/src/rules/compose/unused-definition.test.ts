import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { unusedDefinition } from './unused-definition.ts';

const { reports } = compose();

test('what no service uses', () => {
  reports(unusedDefinition, 'services: {a: {image: b}}\nvolumes: {«v»: }\n', "no service uses the volume 'v'");
  reports(
    unusedDefinition,
    'services: {a: {volumes: ["vol:/x"], networks: [n]}}\nvolumes: {vol: }\nnetworks: {n: , default: }\n',
  );
});

test('services in other files count', () => {
  const files = { '/project/compose.override.yaml': 'services: {b: {volumes: ["vol:/x"]}}\n' };
  compose(files).reports(unusedDefinition, 'services: {a: {image: b}}\nvolumes: {vol: }\n');
});
