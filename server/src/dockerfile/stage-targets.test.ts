import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from '#model/text/edit.ts';
import { documentAt } from './document-check.ts';
import { occurrencesElsewhere } from './occurrences-elsewhere.ts';
import { rename } from './rename.ts';

const FILES = {
  '/project/compose.yaml':
    'services:\n  a: {build: {context: ., target: Base}}\n  b: {build: {context: ./other, target: base}}\n  c: {build: {context: ., dockerfile: Dockerfile, target: "base"}}\n  d: {build: {context: ., dockerfile: x.Dockerfile, target: base}}\n',
  '/project/.devcontainer/devcontainer.json': '{ "build": { "dockerfile": "../Dockerfile", "target": "base" }, // c\n}',
};

test('a stage is renamed where Compose files and devcontainer.json name it, and nowhere else', () => {
  const { document, offset } = documentAt('FROM a AS b|ase\nFROM base\n', FILES);
  const edits = rename(document, offset, 'tools');
  const result = (path: keyof typeof FILES): string => {
    const own = edits.filter(({ uri }) => uri === `file://${path}`);
    return applyEdits(
      FILES[path],
      own.map(({ span, newText }) => ({ span, text: newText })),
    );
  };
  assert.equal(edits.filter(({ uri }) => uri.endsWith('/Dockerfile')).length, 2);
  assert.equal(
    result('/project/compose.yaml'),
    FILES['/project/compose.yaml'].replace('target: Base', 'target: tools').replace('"base"', '"tools"'),
  );
  assert.match(result('/project/.devcontainer/devcontainer.json'), /"target": "tools"/);
});

test('uses elsewhere are references; a variable and a stage without a name have none', () => {
  const uses = (marked: string): string[] => {
    const { document, offset } = documentAt(marked, FILES);
    return occurrencesElsewhere(document, offset).map(({ uri, kind }) => `${kind} ${uri.split('/').at(-1)}`);
  };
  assert.deepEqual(uses('FROM a AS base\nFROM b|ase'), [
    'use compose.yaml',
    'use compose.yaml',
    'use devcontainer.json',
  ]);
  assert.deepEqual(uses('FROM a\nCOPY --from=0| a b'), []);
  assert.deepEqual(uses('ARG ba|se=1\nFROM a'), []);
});
