import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMPOSE } from './language.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import { memoryFiles } from '../files.ts';
import { type ComposeDocument, readCompose } from './document.ts';
import { fileMentions } from './file-mentions.ts';
import { namesIn } from './project.ts';

function read(path: string, text: string, files: Record<string, string> = {}): ComposeDocument {
  return readCompose({
    uri: `file://${path}`,
    path,
    text,
    lines: createLineIndex(text),
    files: memoryFiles({ ...files, [path]: text }),
  });
}

function filesOf(path: string, text: string, files: Record<string, string>): string[] {
  return read(path, text, files).project.files.map((file) => file.path);
}

const BASE = 'services: {web: {image: a}}\n';

test('the override file of a base file, and the base file of others', () => {
  const files = { '/p/compose.yaml': BASE, '/p/compose.override.yaml': BASE, '/p/compose.prod.yaml': BASE };
  assert.deepEqual(filesOf('/p/compose.yaml', BASE, files), ['/p/compose.override.yaml']);
  assert.deepEqual(filesOf('/p/compose.override.yaml', BASE, files), ['/p/compose.yaml']);
  assert.deepEqual(filesOf('/p/compose.prod.yaml', BASE, files), ['/p/compose.yaml']);
  assert.equal(read('/p/compose.prod.yaml', BASE, files).project.isOverlay, true);
  assert.equal(read('/p/compose.yaml', BASE, files).project.isOverlay, false);
  assert.equal(read('/p/stack.yaml', BASE).project.isOverlay, false);
});

test('includes, of included files too, once each', () => {
  const files = {
    '/p/a/compose.yaml': 'include: [../b.yaml, ../compose.yaml]\n',
    '/p/b.yaml': 'include: [{path: [b.yaml, c.yaml]}]\nnetworks: {n: }\n',
    '/p/c.yaml': 'services: {x: {image: y}}\n',
  };
  const document = read('/p/compose.yaml', 'include: [a/compose.yaml]\n', files);
  assert.deepEqual(
    document.project.files.map(({ path }) => path),
    ['/p/a/compose.yaml', '/p/b.yaml', '/p/c.yaml'],
  );
  assert.deepEqual([...namesIn(document.root, document.project, 'services')], ['x']);
  assert.deepEqual([...namesIn(document.root, document.project, 'networks')], ['n', 'default']);
});

test('what cannot be seen makes the project incomplete', () => {
  for (const include of ['oci://x/y', 'https://x/y.git', '$FILE', 'gone.yaml']) {
    assert.equal(read('/p/compose.yaml', `include: ["${include}"]\n`).project.isComplete, false, include);
  }
  assert.equal(read('/p/compose.yaml', BASE).project.isComplete, true);
  assert.equal(read('/p/compose.override.yaml', BASE).project.isComplete, false, 'its base is missing');
});

test('the values of .env', () => {
  const { env } = read('/p/compose.yaml', BASE, { '/p/.env': 'A=1\nB\n' }).project;
  assert.deepEqual([env.get('A')?.value, env.get('B')?.value, env.get('C')], ['1', undefined, undefined]);
});

test('a text that is not saved stands alone', () => {
  const document = readCompose({
    uri: 'untitled:1',
    path: undefined,
    text: BASE,
    lines: createLineIndex(BASE),
    files: memoryFiles({}),
  });
  assert.deepEqual(document.project.files, []);
  assert.deepEqual(fileMentions(document), []);
});

test('files that a Compose file names', () => {
  const text = `
include: [i.yaml]
services:
  a:
    build: {context: app, dockerfile: sub/Dockerfile}
    env_file: [x.env, {path: y.env, required: false}]
    extends: {file: e.yaml, service: b}
    label_file: l
    volumes: ["./v:/v", "named:/n", "~/h:/h", "/abs:/abs"]
secrets: {s: {file: ./s.txt}}
`;
  const mentions = fileMentions(read('/p/compose.yaml', text));
  assert.deepEqual(
    mentions.map(({ path, what, required }) => `${what} ${path}${required ? '' : ' (may be missing)'}`),
    [
      'include /p/i.yaml',
      'secret /p/s.txt (may be missing)',
      'env_file /p/x.env',
      'env_file /p/y.env (may be missing)',
      'label_file /p/l',
      'extends /p/e.yaml',
      'build context /p/app',
      'dockerfile /p/app/sub/Dockerfile',
      'volume /p/v (may be missing)',
      'volume /abs (may be missing)',
    ],
  );
});

test('which files are Compose files', () => {
  const owned = (languageId: string, name: string): boolean => COMPOSE.owns(languageId, `file:///p/${name}`);
  for (const name of ['compose.yaml', 'compose.dev.yml', 'docker-compose.yml', 'docker-compose-ci.yaml'])
    assert.ok(owned('', name) && owned('yaml', name), name);
  for (const id of ['dockercompose', 'docker-compose', 'yaml.docker-compose']) assert.ok(owned(id, 'stack.yml'), id);
  assert.ok(!owned('yaml', 'stack.yml'));
  assert.ok(!owned('plaintext', 'compose.yaml'));
});
