import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fieldsOf, isTaken, REQUESTS } from './fields.ts';
import { OPERATIONS } from './operations.ts';
import { coveragePage, isCoverageFresh } from './page.ts';

test('docs/engine-api-coverage.md is what routes, types and conformance tables say', () => {
  assert.ok(isCoverageFresh(), "run 'npm run generate'");
});

test('every operation that Docker’s official client calls is in the list', () => {
  const client = path.resolve(import.meta.dirname, '../../../node_modules/@docker/node-sdk/dist/index.mjs');
  const calls = readFileSync(client, 'utf8').matchAll(/this\.api\.(\w+)\(\s*["`](\/[^"`]*)["`]/g);
  const known = new Set(OPERATIONS.map(({ method, path: place }) => `${method} ${place.replaceAll(/\{\w+\}/g, '*')}`));
  const missing = [...calls]
    .map(([, verb = '', place = '']) => ({ verb, place: place.replaceAll(/\$\{[^}]*\}/g, '*').split('?', 1)[0] ?? '' }))
    // The client's own mistake: there is no path /image.
    .filter(({ place }) => !place.startsWith('/image/'))
    .filter(({ place }) => !['GET', 'POST', 'PUT', 'DELETE', 'HEAD'].some((method) => known.has(`${method} ${place}`)));
  assert.deepEqual(missing, []);
});

test('a field is read or it is not, whatever its kind', () => {
  const [config] = REQUESTS;
  assert.ok(config);
  for (const field of ['Image', 'Tty', 'Env', 'Labels', 'Healthcheck', 'StopTimeout']) {
    assert.ok(isTaken(config, field), field);
  }
  assert.equal(isTaken(config, 'NoSuchField'), false);
  assert.ok(fieldsOf('HostConfig').includes('ShmSize'));
});

test('what is not supported is told', () => {
  const page = coveragePage();
  assert.match(page, /\| `POST` \| `\/swarm\/init` \| 503: there is no swarm \|/);
  assert.match(page, /\| `DeviceRequests` \| error at start \|/);
  assert.match(page, /\| `GET` \| `\/containers\/json` \| yes \| .*lists \d+/);
});
