import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from './route.ts';
import { createRouter } from './router.ts';

const route = (method: Route['method'], path: string): Route => ({ method, path, handle: async () => undefined });
const router = createRouter([
  route('GET', '/images/json'),
  route('GET', '/images/{name*}/json'),
  route('GET', '/containers/{id}/json'),
  route('HEAD', '/containers/{id}/archive'),
  route('GET', '/containers/{id}/archive'),
]);

test('fixed paths win over patterns, and a name may hold slashes where the route says so', () => {
  assert.equal(router.find('GET', '/images/json').route.path, '/images/json');
  assert.deepEqual(router.find('GET', '/images/host:5000/a/b%3A1/json').params, { name: 'host:5000/a/b:1' });
  assert.deepEqual(router.find('GET', '/containers/abc/json').params, { id: 'abc' });
  assert.throws(() => router.find('GET', '/containers/a/b/json'), { code: 'not-found', message: 'page not found' });
});

test('HEAD has its own row or is answered like GET', () => {
  assert.equal(router.find('HEAD', '/containers/x/archive').route.method, 'HEAD');
  assert.throws(() => router.find('HEAD', '/images/json'), { code: 'not-found' });
  assert.throws(() => router.find('POST', '/images/json'), { code: 'not-found' });
});

test('a malformed escape is the client’s error', () => {
  assert.throws(() => router.find('GET', '/containers/%zz/json'), { code: 'invalid' });
});
