import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Language } from '../language.ts';
import { LANGUAGES } from '../languages.ts';
import { capabilitiesOf } from './capabilities.ts';

const BARE: Language<unknown> = { name: 'compose', owns: () => true, parse: () => undefined, diagnose: () => [] };

test('a feature that no language has is not offered', () => {
  const capabilities = capabilitiesOf([BARE], {});
  assert.equal(capabilities.hoverProvider, false);
  assert.equal(capabilities.completionProvider, undefined);
  assert.equal(capabilities.semanticTokensProvider, undefined);
  assert.equal(capabilities.renameProvider, undefined);
});

test('a feature of one language is enough, triggers are those of all', () => {
  const one: Language<unknown> = {
    ...BARE,
    hover: () => undefined,
    completion: { triggerCharacters: ['a', 'b'], complete: () => [] },
  };
  const two: Language<unknown> = { ...BARE, completion: { triggerCharacters: ['b', 'c'], complete: () => [] } };
  const capabilities = capabilitiesOf([one, two], {});
  assert.equal(capabilities.hoverProvider, true);
  assert.deepEqual(capabilities.completionProvider?.triggerCharacters, ['a', 'b', 'c']);
});

test('diagnostics are offered for pulling only to clients that pull', () => {
  assert.equal(capabilitiesOf(LANGUAGES, {}).diagnosticProvider, undefined);
  assert.ok(capabilitiesOf(LANGUAGES, { textDocument: { diagnostic: {} } }).diagnosticProvider);
});
