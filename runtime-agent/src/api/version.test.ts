import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_VERSION, olderThan, splitVersion } from './version.ts';

test('paths with and without version', () => {
  assert.deepEqual(splitVersion('/v1.24/info'), { apiVersion: '1.24', path: '/info' });
  assert.deepEqual(splitVersion('/info'), { apiVersion: API_VERSION, path: '/info' });
  assert.deepEqual(splitVersion('/volumes/v1.2/x'), { apiVersion: API_VERSION, path: '/volumes/v1.2/x' });
});

test('versions out of range are refused in Docker’s words', () => {
  assert.throws(() => splitVersion('/v1.99/info'), /^EngineError: client version 1.99 is too new. Maximum supported/);
  assert.throws(
    () => splitVersion('/v1.12/info'),
    /client version 1.12 is too old. Minimum supported API version is 1.24/,
  );
});

test('versions compare by number, not by text', () => {
  assert.equal(olderThan('1.9')('1.24'), true);
  assert.equal(olderThan('1.24')('1.24'), false);
  assert.equal(olderThan('1.24.0')('1.24'), false);
  assert.equal(olderThan('1.40')('1.5'), false);
});

test('any number of parts is a version, as for Docker', () => {
  assert.throws(() => splitVersion('/v1/info'), /client version 1 is too old/);
  assert.throws(() => splitVersion('/v1.51.1/info'), /client version 1.51.1 is too new/);
  assert.deepEqual(splitVersion('/v1.40.2/info'), { apiVersion: '1.40.2', path: '/info' });
  assert.deepEqual(splitVersion('/v1.x/info'), { apiVersion: API_VERSION, path: '/v1.x/info' });
});
