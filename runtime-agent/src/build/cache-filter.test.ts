import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheFilter } from './cache-filter.ts';

const step = { id: 'ab1', type: 'regular', description: 'RUN a b', inUse: true, mutable: false, shared: true };

test('fields, flags, and several at once', () => {
  const fits = [
    ['id==ab1'],
    ['id~=^a.1$'],
    ['id!=x'],
    ['description=="RUN a b"'],
    ['type=regular,inuse,immutable,shared'],
    ['id==x', 'shared'],
    ['inuse==true', 'id==x'],
    ['mutable==false'],
    ['description'],
    ['parents!=x'],
    [],
    [''],
  ];
  for (const filters of fits) assert.ok(cacheFilter(filters)(step), filters.join(' or '));
  const misses = [['id~=^b'], ['id==ab1,mutable'], ['private'], ['inuse!=true'], ['parents'], ['id==ab'], ['type==']];
  for (const filters of misses) assert.ok(!cacheFilter(filters)(step), filters.join(' or '));
});

test('what is no filter is refused', () => {
  for (const bad of ['colour==red', 'inuse==x', '=', 'id~=[', 'inuse~=t', 'ID==a']) {
    assert.throws(() => cacheFilter([bad]), { code: 'invalid' }, bad);
  }
});
