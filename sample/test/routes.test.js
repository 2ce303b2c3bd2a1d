import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from '../src/routes.js';

const ask = (method, path, body = '') => answer(method, new URL(path, 'http://localhost'), body);

test('greets by name', () => {
  assert.deepEqual(ask('GET', '/greeting?name=Ada').value, { message: 'Hello, Ada!' });
});

test('keeps notes', () => {
  const { status, value } = ask('POST', '/notes', 'buy milk\n');
  assert.equal(status, 201);
  assert.equal(value.text, 'buy milk');
  assert.ok(ask('GET', '/notes').value.some(({ id }) => id === value.id));
});

test('knows what it does not know', () => {
  assert.equal(ask('GET', '/nothing').status, 404);
});
