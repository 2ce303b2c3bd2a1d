/** Each rule has its page, and the page is true: the bad example breaks the rule, the good one keeps it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { memoryFiles } from '../files.ts';
import { EDITOR_LANGUAGES } from '../languages.ts';
import { readSettings } from '../settings.ts';
import { RULES } from './rules.ts';

const folder = path.resolve(import.meta.dirname, '../../../docs/rules');
const FILES: Readonly<Record<string, string>> = {
  dockerfile: 'Dockerfile',
  yaml: 'compose.yaml',
  gitignore: '.dockerignore',
  jsonc: 'devcontainer.json',
};

test('every rule has a page, every page a rule, ids are unique', () => {
  const ids = RULES.map(({ id }) => id);
  assert.deepEqual(
    ids.filter((id, i) => ids.indexOf(id) !== i),
    [],
  );
  const pages = readdirSync(folder).map((name) => name.replace(/\.md$/, ''));
  assert.deepEqual(pages.filter((page) => page !== 'README').toSorted(), ids.toSorted());
});

test('the list of rules has each with its severity', () => {
  const list = readFileSync(path.join(folder, 'README.md'), 'utf8');
  const missing = RULES.filter(({ id, severity, off }) => {
    return !list.includes(`| [${id}](${id}.md) | ${severity}${off === true ? ' (off)' : ''} |`);
  });
  assert.deepEqual(
    missing.map(({ id }) => id),
    [],
  );
});

for (const { id, title, severity } of RULES) {
  test(`the page of ${id}`, () => {
    const page = readFileSync(path.join(folder, `${id}.md`), 'utf8');
    assert.ok(page.startsWith(`# ${id}\n\n${title.replace(/\.$/, '')}.\n`), 'starts with id and title');
    assert.ok(page.includes(`\nSeverity: ${severity}`), 'says the severity');
    const [, bad, good] = page.split(/^## (?:Bad|Good)\n/m);
    assert.ok(rulesBroken(bad, id).includes(id), 'the bad example breaks the rule');
    assert.ok(!rulesBroken(good, id).includes(id), 'the good example keeps the rule');
  });
}

/** Lints the section's example, beside the other files that it shows. */
function rulesBroken(section: string | undefined, id: string): string[] {
  const files: Record<string, string> = {};
  for (const [, name = '', text = ''] of (section ?? '').matchAll(/^`([^`\n]+)`:\n\n```\w+\n([\s\S]*?)^```/gm)) {
    files[`/project/${name}`] = text;
  }
  const [, kind = '', text = ''] =
    /^```(dockerfile|yaml|gitignore|jsonc)\n([\s\S]*?)^```/m.exec(
      (section ?? '').replaceAll(/^`[^`\n]+`:\n\n```[\s\S]*?^```/gm, ''),
    ) ?? [];
  const file = `/project/${FILES[kind]}`;
  const language = EDITOR_LANGUAGES.find((candidate) => candidate.owns('', file));
  assert.ok(language, `an example in a language that is linted, not ${kind}`);
  const source = { uri: `file://${file}`, path: file, text, lines: createLineIndex(text), files: memoryFiles(files) };
  return language
    .diagnose(language.parse(source), readSettings({ rules: { [id]: 'warning' } }))
    .map(({ rule }) => rule);
}
