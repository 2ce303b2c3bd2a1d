import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withOwnTimes } from './own-times.ts';

const base = { created: '2026-01-01T00:00:00Z', created_by: 'base' };
const label = { created_by: 'LABEL a=b', empty_layer: true };
const made = (text: string) => ({
  chainIds: ['c1'],
  config: {
    architecture: 'amd64',
    os: 'linux',
    config: { Labels: { a: text } },
    rootfs: { type: 'layers' as const, diff_ids: ['d1'] },
  },
});
const at = (now: string) => ({ history: [base, label], earlier: [], now });

test('an instruction without a layer has the time when it was done; the image is as old', () => {
  const { config } = withOwnTimes(made('b'), at('2026-02-02T00:00:00Z'));
  assert.equal(config.created, '2026-02-02T00:00:00Z');
  assert.deepEqual(
    config.history?.map(({ created }) => created),
    ['2026-01-01T00:00:00Z', '2026-02-02T00:00:00Z'],
  );
});

test('the same again is the image that is there; another label, or other layers, are another one', () => {
  const first = withOwnTimes(made('b'), at('2026-02-02T00:00:00Z'));
  const later = { ...at('2026-03-03T00:00:00Z'), earlier: [first] };
  assert.deepEqual(withOwnTimes(made('b'), later).config, first.config);
  assert.equal(withOwnTimes(made('c'), later).config.created, '2026-03-03T00:00:00Z');
  assert.equal(withOwnTimes({ ...made('b'), chainIds: ['c2'] }, later).config.created, '2026-03-03T00:00:00Z');
});
