import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggest } from './suggest.ts';

test('suggests the nearest word within two edits', () => {
  assert.equal(suggest('FORM', ['COPY', 'FROM']), 'FROM');
  assert.equal(suggest('chwn', ['chmod', 'chown']), 'chown');
  assert.equal(suggest('target', ['targt2', 'targets']), 'targets');
});

test('suggests nothing for the same or a very different word', () => {
  assert.equal(suggest('copy', ['COPY']), undefined);
  assert.equal(suggest('entrypoint', ['RUN', 'COPY']), undefined);
  assert.equal(suggest('VERSION', ['version'], true), undefined);
});
