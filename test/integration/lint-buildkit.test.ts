/**
 * The fixtures hold what the real BuildKit (of Docker 28.5, `docker buildx build --call=check,format=json`) says of small
 * Dockerfiles: its checks with their messages, or the error it stops with. Ours must say the same.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { DISK } from '../../server/src/files.ts';
import { LANGUAGES } from '../../server/src/languages.ts';
import { BUILDKIT_RULES } from '#model/rules/buildkit/buildkit-rules.ts';
import { DEFAULT_SETTINGS } from '../../server/src/settings.ts';

interface Case {
  readonly text: string;
  readonly checks?: readonly [rule: string, message: string][];
  readonly error?: string;
}

const file = path.resolve(import.meta.dirname, '../fixtures/buildkit-checks.json');
const cases: readonly Case[] = JSON.parse(readFileSync(file, 'utf8'));
const names = new Set(BUILDKIT_RULES.map(({ id }) => id));

function findings(text: string) {
  const [language] = LANGUAGES;
  assert.ok(language);
  const source = { uri: 'untitled:1', path: undefined, text, lines: createLineIndex(text), files: DISK };
  const rules = text.includes('experimental=all') ? { InvalidDefinitionDescription: 'warning' as const } : {};
  return language.diagnose(language.parse(source), { ...DEFAULT_SETTINGS, rules });
}

test(`what BuildKit says of ${cases.length} Dockerfiles`, () => {
  assert.ok(cases.length > 100);
  for (const { text, checks, error } of cases) {
    const found = findings(text);
    const errors = found.filter(
      ({ rule, severity }) => severity === 'error' && !rule.startsWith('DL') && !names.has(rule),
    );
    if (error === undefined) {
      assert.deepEqual(errors, [], text);
      const said = found.filter(({ rule }) => names.has(rule)).map(({ rule, message }) => `${rule}: ${message}`);
      const expected = (checks ?? []).map(([rule, message]) => `${rule}: ${message}`);
      assert.deepEqual(said.toSorted(), expected.toSorted(), text);
    } else {
      assert.ok(
        errors.some(({ message }) => message.includes(error)),
        `${text}BuildKit: ${error}\nours: ${errors.map(({ message }) => message).join('; ')}`,
      );
    }
  }
});
