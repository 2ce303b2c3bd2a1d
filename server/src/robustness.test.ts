/** No text makes a feature of any language throw, answer something outside of the text, or take long. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { askEverything } from './every-feature-check.ts';
import { memoryFiles } from './files.ts';
import { EDITOR_LANGUAGES } from './languages.ts';
import type { Language } from './language.ts';

const root = path.resolve(import.meta.dirname, '../..');
const PATHS: Readonly<Record<Language<unknown>['name'], string>> = {
  dockerfile: '/p/Dockerfile',
  compose: '/p/compose.yaml',
  dockerignore: '/p/.dockerignore',
  devcontainer: '/p/.devcontainer/devcontainer.json',
  'too long': '/p/none',
};
const FENCES = { dockerfile: 'dockerfile', yaml: 'compose', gitignore: 'dockerignore', jsonc: 'devcontainer' } as const;

/** The examples of all rules: they break every rule and keep every rule. */
const EXAMPLES = globSync('docs/rules/*.md', { cwd: root }).flatMap((name) => {
  const page = readFileSync(path.join(root, name), 'utf8');
  return [...page.matchAll(/^```(dockerfile|yaml|gitignore|jsonc)\n([\s\S]*?)^```/gm)].map(
    ([, fence = '', text = '']) => ({
      language: FENCES[fence as keyof typeof FENCES],
      text,
    }),
  );
});
const FILES = memoryFiles({
  '/p/Dockerfile': 'FROM a AS base\nFROM base AS dev\n',
  '/p/.dockerignore': 'x\n!x/y\n',
  '/p/.env': 'A=1\n',
  '/p/compose.override.yaml': 'services:\n  web: {image: a}\n',
  '/p/x/y': '',
});

const NOISE = fc.constantFrom(
  '\n',
  ' ',
  '"',
  "'",
  '\\',
  '\\\n',
  '$',
  '${',
  '}',
  '{',
  '[',
  ']',
  ':',
  ': ',
  '- ',
  '#',
  '<<E',
  '!',
  '&a',
  '*a',
  '\t',
  '\r\n',
  '\uFEFF',
  'é',
  '😀',
  '\uD800',
  '\0',
  'FROM ',
  'RUN ',
  'services:',
  '--mount=',
  ',',
  '=',
  '@',
  '/',
  '*',
  '`',
  '|',
  '>',
);
const MUTATION = fc.record({ at: fc.nat(), length: fc.nat(12), noise: fc.array(NOISE, { maxLength: 3 }) });

for (const language of EDITOR_LANGUAGES) {
  test(`${language.name}: mutated examples`, () => {
    const own = EXAMPLES.filter((one) => one.language === language.name).map(({ text }) => text);
    fc.assert(
      fc.property(fc.constantFrom(...own), fc.array(MUTATION, { maxLength: 5 }), fc.nat(), (example, mutations, n) => {
        let text = example;
        for (const { at, length, noise } of mutations) {
          const start = at % (text.length + 1);
          text = text.slice(0, start) + noise.join('') + text.slice(start + length);
        }
        askEverything(language, PATHS[language.name], text, n % (text.length + 1), FILES);
      }),
      { numRuns: 400 },
    );
  });
}

const many = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('');
const HOSTILE: readonly (readonly [Language<unknown>['name'], string, string])[] = [
  ['dockerfile', 'a long line', `FROM a\nRUN ${'x '.repeat(50_000)}`],
  ['dockerfile', 'a long word', `FROM a\nRUN ${'x'.repeat(400_000)}`],
  ['dockerfile', 'many variables', `FROM a\nENV x=${'$y'.repeat(20_000)}`],
  ['dockerfile', 'nested variables', `FROM a\nENV x=${'${y:-'.repeat(20_000)}`],
  ['dockerfile', 'quotes', `FROM a\nRUN ${`"'`.repeat(50_000)}`],
  ['dockerfile', 'nested substitutions', `FROM a\nRUN ${'$('.repeat(20_000)}`],
  ['dockerfile', 'nested subshells', `FROM a\nRUN ${'('.repeat(20_000)}`],
  ['dockerfile', 'open cases', `FROM a\nRUN ${'case a in '.repeat(2000)}`],
  [
    'dockerfile',
    'variables that double',
    `FROM a\nENV V0=xxxxxxxx\n${many(60, (i) => `ENV V${i + 1}=$V${i}$V${i}\n`)}`,
  ],
  [
    'dockerfile',
    'many stages',
    many(800, (i) => `FROM ${i === 0 ? 'a' : `s${i - 1}`} AS s${i}\nCOPY --from=s${i} a b\n`),
  ],
  ['dockerfile', 'many heredocs', `FROM a\nRUN ${'<<E '.repeat(1000)}`],
  ['dockerfile', 'open variables in a heredoc', `FROM a\nCOPY <<E /x\n${'${y:-'.repeat(50_000)}\nE\n`],
  ['dockerfile', 'variables in a heredoc', `FROM a\nCOPY <<E /x\n${'$a ${b} '.repeat(20_000)}\nE\n`],
  ['dockerfile', 'many mounts', `FROM a\nRUN --mount=${'type=cache,'.repeat(10_000)} x`],
  ['dockerfile', 'triggers of triggers', `FROM a\n${'ONBUILD '.repeat(2000)}`],
  ['dockerfile', 'zeros', '\0'.repeat(100_000)],
  ['compose', 'deep mappings', `services:\n${many(500, (i) => `${' '.repeat(i + 1)}a:\n`)}`],
  ['compose', 'deep lists', `services: ${'['.repeat(5000)}`],
  [
    'compose',
    'aliases of aliases',
    `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${many(30, (i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 10 }, () => `*a${i}`).join(', ')}]\n`)}`,
  ],
  [
    'compose',
    'merges of merges',
    `x-0: &a0 {a: 1}\n${many(30, (i) => `x-${i + 1}: &a${i + 1} {k${i}: *a${i}, j${i}: *a${i}, <<: [*a${i}, *a${i}]}\n`)}services: *a30\n`,
  ],
  [
    'compose',
    'a circle of services',
    `services:\n${many(400, (i) => `  s${i}: {image: a, depends_on: [s${(i + 1) % 400}], ports: ["${i}:80"]}\n`)}`,
  ],
  ['compose', 'anchors in a row', many(1500, (i) => `x-${i}: &a${i} {b: ${i === 0 ? 1 : `*a${i - 1}`}}\n`)],
  ['compose', 'many ports', `services:\n  a:\n    ports:\n${many(2000, (i) => `      - "${i}:80"\n`)}`],
  ['compose', 'nested variables', `services:\n  a:\n    image: ${'${x:-'.repeat(20_000)}`],
  ['compose', 'nothing but lines', '\n'.repeat(20_000)],
  ['dockerignore', 'stars', '*'.repeat(100_000)],
  ['dockerignore', 'many patterns', '*a*b*c*\n'.repeat(2000)],
  ['devcontainer', 'deep', '['.repeat(100_000)],
  ['devcontainer', 'open variables', `{"name": "${'${'.repeat(50_000)}`],
];
/** Seconds of processor time for two rounds of all features: far above what it takes, far below what a hang does. */
const PATIENCE = 10;

for (const [name, what, text] of HOSTILE) {
  test(`${name}: ${what}`, () => {
    const language = EDITOR_LANGUAGES.find((one) => one.name === name);
    assert.ok(language);
    const start = process.cpuUsage();
    for (const offset of [text.length, text.length >> 1]) askEverything(language, PATHS[name], text, offset, FILES);
    const { user, system } = process.cpuUsage(start);
    assert.ok((user + system) / 1e6 < PATIENCE, `it took ${((user + system) / 1e6).toFixed(1)} s`);
  });
}
