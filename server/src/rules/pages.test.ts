/** Each rule has its page, and the page is true: the bad example breaks the rule, the good one keeps it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Finding } from '#model/rules/rule.ts';
import { applyEdits } from '#model/text/edit.ts';
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

const fixable = new Set<string>();

for (const { id, title, severity } of RULES) {
  test(`the page of ${id}`, () => {
    const page = readFileSync(path.join(folder, `${id}.md`), 'utf8');
    assert.ok(page.startsWith(`# ${id}\n\n${title.replace(/\.$/, '')}.\n`), 'starts with id and title');
    assert.ok(page.includes(`\nSeverity: ${severity}`), 'says the severity');
    const [, bad, good] = page.split(/^## (?:Bad|Good)\n/m);
    assert.ok(rulesBroken(bad, id).includes(id), 'the bad example breaks the rule');
    assert.ok(!rulesBroken(good, id).includes(id), 'the good example keeps the rule');
    const { text, findings, again, withoutRule } = linted(bad, id);
    const broken = findings.filter(({ rule }) => rule === id);
    for (const [where, edits] of Object.entries(withoutRule(broken))) {
      if (edits.length === 0) continue;
      const left = again(applyEdits(text, edits)).filter(({ rule }) => rule === id);
      assert.deepEqual(left, [], `switched off ${where}`);
    }
    const fix = broken.flatMap(({ fixes }) => fixes ?? [])[0];
    if (fix === undefined) return;
    fixable.add(id);
    const left = again(applyEdits(text, fix.edits)).filter(({ rule }) => rule === id);
    assert.ok(left.length < broken.length, 'the quick fix repairs the bad example');
  });
}

test('more than two thirds of the rules repair their bad example', () => {
  assert.ok(fixable.size > (RULES.length * 2) / 3, `${fixable.size} of ${RULES.length}`);
});

function rulesBroken(section: string | undefined, id: string): string[] {
  return linted(section, id).findings.map(({ rule }) => rule);
}

/** Lints the section's example, beside the other files that it shows. */
function linted(section: string | undefined, id: string) {
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
  const read = (other: string) => {
    const place = { uri: `file://${file}`, path: file, files: memoryFiles(files) };
    return language.parse({ ...place, text: other, lines: createLineIndex(other) });
  };
  const again = (other: string): readonly Finding[] => {
    return language.diagnose(read(other), readSettings({ rules: { [id]: 'warning' } }));
  };
  /** What switches the rule off at the first finding's place, where there is but one, and in the file. */
  const withoutRule = (found: readonly Finding[]) => {
    const [first] = found;
    const here = first === undefined || found.length > 1 ? undefined : language.suppress?.(read(text), first);
    const inFile = first === undefined ? undefined : language.suppressInFile?.(read(text), first);
    return { here: here === undefined ? [] : [here], 'in the file': inFile === undefined ? [] : [inFile] };
  };
  return { text, findings: again(text), again, withoutRule };
}
