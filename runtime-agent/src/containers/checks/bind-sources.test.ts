import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBindSources } from './bind-sources.ts';

test('what a bind mount shows must be there, unless it may be made', () => {
  const bind = (Source: string, BindOptions = {}) => ({
    Mounts: [{ Type: 'bind' as const, Source, Target: '/x', BindOptions }],
  });
  checkBindSources({});
  checkBindSources(bind('/'));
  checkBindSources(bind('/no/such', { CreateMountpoint: true }));
  checkBindSources({ Mounts: [{ Type: 'volume', Source: '/no/such', Target: '/x' }] });
  assert.throws(() => checkBindSources(bind('/no/such')), {
    code: 'invalid',
    message: 'invalid mount config for type "bind": bind source path does not exist: /no/such',
  });
});
