import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mount } from '#model/engine-api/types.ts';
import { withDataRootPropagation } from './data-root-binds.ts';
import { parseBind, parseMount } from './mount-spec.ts';

const ROOT = '/var/lib/engine';

function bind(text: string) {
  const { propagation, propagationImplied = false } = withDataRootPropagation(parseBind(text, ''), {}, ROOT);
  return [propagation, propagationImplied];
}

test('binds of the data root, and of what it lies in, are slaves unless the user says otherwise', () => {
  for (const source of [ROOT, `${ROOT}/containers`, '/var', '/'])
    assert.deepEqual(bind(`${source}:/x`), ['rslave', true]);
  assert.deepEqual(bind('/srv:/x'), ['rprivate', false]);
  assert.deepEqual(bind('/srv:/x:private'), ['private', false]);
  assert.deepEqual(bind('/:/x:ro,rshared'), ['rshared', false]);
  assert.deepEqual(bind('/:/x:rslave'), ['rslave', false]);
});

test('what would keep the engine’s mounts alive is refused', () => {
  const message = `invalid mount config: must use either propagation mode "rslave" or "rshared" when mount source is within the daemon root, daemon root: "${ROOT}", bind mount source: "/", propagation: "private"`;
  assert.throws(() => bind('/:/x:private'), { code: 'invalid', message });
  const mount: Mount = { Type: 'bind', Source: ROOT, Target: '/x', BindOptions: { Propagation: 'slave' } };
  assert.throws(() => withDataRootPropagation(parseMount(mount), { Mounts: [mount] }, ROOT), { code: 'invalid' });
  const plain: Mount = { Type: 'bind', Source: ROOT, Target: '/x' };
  assert.equal(withDataRootPropagation(parseMount(plain), { Mounts: [plain] }, ROOT).propagation, 'rslave');
});
