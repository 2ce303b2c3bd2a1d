/** Texts that nobody writes by hand: nothing throws, and nothing takes minutes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { COMPOSE } from './compose/language.ts';
import { DOCKERFILE } from './dockerfile/language.ts';
import { memoryFiles } from './files.ts';
import type { Language } from './language.ts';
import { fixText } from './lint/lint-file.ts';
import { readSettings } from './settings.ts';

const STRICT = readSettings({ preset: 'strict' });
const OPTIONS = { tabSize: 2, insertSpaces: true };
/** Of processor time: a hundred times what it takes, and a hundredth of what a square would. */
const LONGEST_MS = 30_000;

/** Whatever is computed of the whole text. @returns how much is wrong with it */
function everythingOf(language: Language<unknown>, path: string, text: string): number {
  const source = { uri: `file://${path}`, path, text, lines: createLineIndex(text), files: memoryFiles({}) };
  const document = language.parse(source);
  language.tokens?.(document);
  language.symbols?.(document);
  language.folding?.(document);
  language.format?.(document, OPTIONS);
  language.hints?.(document);
  language.hover?.(document, text.length >> 1);
  language.shell?.scripts(document);
  return language.diagnose(document, STRICT).length;
}

const rows = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => row(i)).join('');

const DOCKERFILES: Readonly<Record<string, string>> = {
  'instructions that are all wrong': `FROM a\n${'RUN echo x\n'.repeat(12_000)}`,
  'a row of arguments, asked for from its end': `${rows(4000, (i) => `ARG A${i}=x$A${i - 1}\n`)}FROM $A3999\n`,
  'stages upon stages': rows(2000, (i) => `FROM ${i === 0 ? 'a' : `s${i - 1}`} AS s${i}\nENV E${i}=$E${i - 1}\n`),
  'comments that switch rules off': `FROM a\n${'# hadolint ignore=DL3059\nRUN x\n'.repeat(5000)}`,
  'variables in one instruction': `FROM a\nRUN ${'$a '.repeat(200_000)}`,
  'empty continuation lines': `FROM a\nRUN x \\\n${'\n'.repeat(200_000)}y\n`,
  'continuation lines': `FROM a\nRUN x ${'\\\n'.repeat(200_000)}`,
};
for (const [name, text] of Object.entries(DOCKERFILES)) {
  test(`a Dockerfile: ${name}`, () => {
    const before = process.cpuUsage();
    everythingOf(DOCKERFILE, '/project/Dockerfile', text);
    assert.ok(process.cpuUsage(before).user / 1000 < LONGEST_MS);
  });
}

const COMPOSE_FILES: Readonly<Record<string, string>> = {
  'services that wait for one another': `services:\n${rows(1500, (i) => `  s${i}: {image: "a:1", depends_on: [s${i + 1}]}\n`)}`,
  'ports that are all the same': `services:\n  a:\n    image: b\n    ports:\n${'      - "80:80"\n'.repeat(8000)}`,
  'variables in one value': `services: {a: {image: "${'$a'.repeat(150_000)}"}}`,
};
for (const [name, text] of Object.entries(COMPOSE_FILES)) {
  test(`a Compose file: ${name}`, () => {
    const before = process.cpuUsage();
    assert.ok(everythingOf(COMPOSE, '/project/compose.yaml', text) > 0);
    assert.ok(process.cpuUsage(before).user / 1000 < LONGEST_MS);
  });
}

test('tens of thousands of fixes at once', () => {
  const { text } = fixText({
    name: '/project/Dockerfile',
    text: `FROM a\n${'ENV a b\n'.repeat(20_000)}`,
    language: DOCKERFILE,
    settings: STRICT,
    files: memoryFiles({}),
    build: { args: {}, target: undefined },
    config: { text: undefined, environment: {} },
    ruleFailed: (rule, error) => assert.fail(`${rule}: ${String(error)}`),
  });
  assert.equal(text, `FROM a\n${'ENV a=b\n'.repeat(20_000)}`);
});
