import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSection } from './document.ts';

test('a section is added to the page, and later replaced where it stands', () => {
  const page = withSection(withSection('', 'engine', '## Engine\none'), 'build', '## Build');
  assert.match(page, /^# Performance\n/);
  const again = withSection(page, 'engine', '## Engine\ntwo');
  assert.equal(again, page.replace('## Engine\none', '## Engine\ntwo'));
  assert.equal(again.match(/bench engine -->/g)?.length, 2);
});
