/** Every quick fix of every finding in the texts of our fixtures, and in mutations of them: the file can still be read, and the finding is gone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Finding } from '#model/rules/rule.ts';
import { applyEdits } from '#model/text/edit.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import { COMPOSE } from '../../server/src/compose/language.ts';
import { DOCKERFILE } from '../../server/src/dockerfile/language.ts';
import { memoryFiles } from '../../server/src/files.ts';
import type { Language } from '../../server/src/language.ts';
import { readSettings } from '../../server/src/settings.ts';

const fixtures = path.resolve(import.meta.dirname, '../fixtures');
const textsIn = (name: string): string[] =>
  (JSON.parse(readFileSync(path.join(fixtures, name), 'utf8')) as { text: string }[]).map(({ text }) => text);

/** What cannot be read at all hides everything else. */
const UNREADABLE: ReadonlySet<string> = new Set(['invalid-yaml', 'UnterminatedHeredoc', 'MissingEquals']);
/** One finding for many places: another one is told when the first is repaired. */
const TOLD_ONCE: ReadonlySet<string> = new Set(['unset-variable', 'dependency-cycle']);

function findingsIn<D>(language: Language<D>, text: string): readonly Finding[] {
  const file = language.name === 'compose' ? '/project/compose.yaml' : '/project/Dockerfile';
  const source = { uri: `file://${file}`, path: file, text, lines: createLineIndex(text), files: memoryFiles({}) };
  return language.diagnose(language.parse(source), readSettings({ preset: 'strict' }));
}

function checkFixes<D>(language: Language<D>, texts: readonly string[]): number {
  let fixes = 0;
  for (const text of texts) {
    const findings = findingsIn(language, text);
    if (findings.some(({ rule }) => UNREADABLE.has(rule))) continue;
    for (const { rule, fixes: offered = [] } of findings) {
      for (const { title, edits } of offered) {
        fixes++;
        const fixed = applyEdits(text, edits);
        const after = findingsIn(language, fixed);
        const told = JSON.stringify({ rule, title, text, fixed });
        assert.ok(!after.some((one) => UNREADABLE.has(one.rule)), `cannot be read any more: ${told}`);
        const count = (all: readonly Finding[]): number => all.filter((one) => one.rule === rule).length;
        if (!TOLD_ONCE.has(rule)) assert.ok(count(after) < count(findings), `is not gone: ${told}`);
      }
    }
  }
  return fixes;
}

/** The same with other line ends, without the last one, and with comments and blanks where they may be. */
function mutations(text: string): string[] {
  return [text, text.replaceAll('\n', '\r\n'), text.trimEnd(), text.replaceAll(/^(?=[A-Z]+ )/gm, '# a comment\n  ')];
}

test('Dockerfiles', () => {
  const pieces = readFileSync(path.join(fixtures, 'hadolint-cases.txt'), 'utf8')
    .split('\n')
    .flatMap((line) => /^[+-] (FROM .*)$/.exec(line)?.[1] ?? [])
    .map((text) => text.replaceAll(/\\([n\\])/g, (_, char: string) => (char === 'n' ? '\n' : '\\')));
  const texts = [...textsIn('buildkit-checks.json'), ...pieces].flatMap(mutations);
  assert.ok(checkFixes(DOCKERFILE, texts) > 1000);
});

test('Compose files', () => {
  const texts = textsIn('compose-config.json').flatMap((text) => [text, text.replaceAll('\n', '\r\n')]);
  assert.ok(checkFixes(COMPOSE, texts) > 500);
});
