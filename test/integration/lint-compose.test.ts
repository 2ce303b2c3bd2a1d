/**
 * The fixtures hold which small Compose files the real Compose (2.40, `docker compose config`) refuses. Ours must find an
 * error in exactly those.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { COMPOSE } from '../../server/src/compose/language.ts';
import { memoryFiles } from '../../server/src/files.ts';
import { DEFAULT_SETTINGS } from '../../server/src/settings.ts';

interface Case {
  readonly text: string;
  readonly refused: boolean;
}

const fixtures = path.resolve(import.meta.dirname, '../fixtures/compose-config.json');
const cases: readonly Case[] = JSON.parse(readFileSync(fixtures, 'utf8'));

/** What the engine would refuse later, Compose does not look at, nor at dclint's taste: these may go further than it. */
const BEYOND_COMPOSE: ReadonlySet<string> = new Set([
  'no-build-and-image',
  'no-duplicate-exported-ports',
  'no-unbound-port-interfaces',
  'no-version-field',
  'service-image-require-explicit-tag',
  'invalid-restart',
  'invalid-volume',
  'invalid-image',
]);

const DCLINT = new Set([...BEYOND_COMPOSE].filter((rule) => !rule.startsWith('invalid-')));

test(`what Compose says of ${cases.length} files`, () => {
  assert.ok(cases.length > 100);
  for (const { text, refused } of cases) {
    const uri = 'file:///project/compose.yaml';
    const source = { uri, path: '/project/compose.yaml', text, lines: createLineIndex(text), files: memoryFiles({}) };
    const errors = COMPOSE.diagnose(COMPOSE.parse(source), DEFAULT_SETTINGS).filter(
      ({ severity }) => severity === 'error',
    );
    const found = errors.filter(({ rule }) => !BEYOND_COMPOSE.has(rule) || (refused && !DCLINT.has(rule)));
    assert.equal(found.length > 0, refused, `${text}ours: ${errors.map(({ message }) => message).join('; ')}`);
  }
});
