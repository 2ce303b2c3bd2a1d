import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execAction } from './exec-action.ts';

test('program and arguments, as Docker 28.5 writes them', () => {
  assert.equal(execAction('exec_create', ['ls', '-l', '/']), 'exec_create: ls -l /');
  assert.equal(execAction('exec_start', ['true']), 'exec_start: true ');
});
