import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { inputsOf } from './inputs.ts';

const root = mkdtempSync(path.join(tmpdir(), 'slipway-inputs-'));
after(() => rmSync(root, { recursive: true }));

function write(name: string, content: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), content);
}

const named = (file: string): string[] =>
  inputsOf(root)
    .filesOf(path.join(root, file))
    .map((name) => path.relative(root, name));

const key = (file: string, env: NodeJS.ProcessEnv = {}): string => inputsOf(root, env).keyOf(path.join(root, file));

write('model/pure.ts', 'export const one = 1;\n');
write('model/pure.test.ts', "import { one } from './pure.ts';\n");
write(
  'agent/main.ts',
  "import { one } from '#model/pure.ts';\nconst help = 'see docs/page.md';\nload('docs/page.md');\n",
);
write('docs/page.md', 'words\n');
write('tools/build.ts', "const sources = '{model,agent}/**/*.ts';\n");
write('test/fixtures/a.json', '{}');
write('test/fixtures/deep/b.json', '{}');

test('what a test imports, what that imports, and so on; tests of others are none of it', () => {
  write('test/a.test.ts', "import '../agent/main.ts';\nimport { test } from 'node:test';\n");
  assert.deepEqual(named('test/a.test.ts'), ['agent/main.ts', 'model/pure.ts', 'test/a.test.ts']);
  assert.deepEqual(named('model/pure.test.ts'), ['model/pure.test.ts', 'model/pure.ts']);
});

test('programs, files, folders and patterns that it names, from the root or from where it is; what a build makes', () => {
  write('test/b.test.ts', "const MAIN = path.join(ROOT, 'agent/main.ts');\nread(`${ROOT}/docs/page.md`);\n");
  assert.deepEqual(named('test/b.test.ts'), ['agent/main.ts', 'docs/page.md', 'model/pure.ts', 'test/b.test.ts']);
  write('test/c.test.ts', 'readFileSync(`fixtures/${name}.json`);\n');
  assert.deepEqual(named('test/c.test.ts'), ['test/c.test.ts', 'test/fixtures/a.json', 'test/fixtures/deep/b.json']);
  write('test/d.test.ts', "spawn(path.join(ROOT, 'dist/program'));\n");
  assert.deepEqual(named('test/d.test.ts'), ['agent/main.ts', 'model/pure.ts', 'test/d.test.ts', 'tools/build.ts']);
  write('test/e.test.ts', "glob('fixtures/*.json');\nglob('**');\nopen('/**');\nopen('../..');\nopen('./');\n");
  assert.deepEqual(named('test/e.test.ts'), ['test/e.test.ts', 'test/fixtures/a.json'], 'the root says nothing');
});

test('a key changes with the content of every input, a new one, and what they read of the environment; with no other', () => {
  write('test/f.test.ts', "import '../model/pure.ts';\nread('fixtures/');\nskip(process.env['DEEP'] === undefined);\n");
  const before = key('test/f.test.ts');
  assert.equal(key('test/f.test.ts', { OTHER: '1', PATH: '/bin' }), before);
  assert.notEqual(key('test/f.test.ts', { DEEP: '1' }), before);
  write('docs/page.md', 'other words\n');
  assert.equal(key('test/f.test.ts'), before);
  write('model/pure.ts', 'export const one = 2;\n');
  const after = key('test/f.test.ts');
  assert.notEqual(after, before);
  write('test/fixtures/new.json', '{}');
  assert.notEqual(key('test/f.test.ts'), after);
});
