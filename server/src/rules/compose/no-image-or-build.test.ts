import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { noImageOrBuild } from './no-image-or-build.ts';

const { reports } = compose();
const message = 'service "web" has neither an image nor a build context specified';

test('a service from nothing', () => {
  reports(noImageOrBuild, 'services:\n  «web»:\n    ports: ["80"]\n', message);
  reports(
    noImageOrBuild,
    'services:\n  a: {image: b}\n  c: {build: .}\n  d: {extends: a}\n  e: {provider: {type: f}}\n',
  );
});

test('the override file may bring the image', () => {
  const files = { '/project/compose.override.yaml': 'services: {web: {image: a}}\n' };
  compose(files).reports(noImageOrBuild, 'services:\n  web:\n    ports: ["80"]\n');
});
