import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { dependencyCycle } from './dependency-cycle.ts';

const { reports } = compose();
const services = (edges: Record<string, string>): string =>
  Object.entries(edges).reduce(
    (text, [name, needs]) => `${text}  ${name}: {image: i, depends_on: [${needs}]}\n`,
    'services:\n',
  );

test('circles', () => {
  reports(dependencyCycle, services({ a: '«a»' }), 'dependency cycle detected: a -> a');
  reports(dependencyCycle, services({ a: 'b', b: 'c', c: '«a»' }), 'dependency cycle detected: a -> b -> c -> a');
  reports(dependencyCycle, services({ x: 'a', a: 'b', b: '«a»' }), 'dependency cycle detected: a -> b -> a');
});

test('diamonds are none', () => {
  reports(dependencyCycle, services({ a: 'b, c', b: 'd', c: 'd', d: '' }));
});

test('services that extend each other', () => {
  const text = 'services: {a: {extends: b}, b: {extends: {service: «a»}}}\n';
  reports(dependencyCycle, text, 'circular reference: services extend each other: a -> b -> a');
});
