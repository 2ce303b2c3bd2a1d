import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryFiles } from '../files.ts';
import { EDITOR_LANGUAGES } from '../languages.ts';
import { createWorkspaceFiles } from './workspace-files.ts';

test('the files that a language owns, in all folders, without what tools made', () => {
  const texts = {
    '/a/Dockerfile': '',
    '/a/web/dev.Dockerfile': '',
    '/a/web/compose.yaml': '',
    '/a/web/values.yaml': '',
    '/a/node_modules/x/Dockerfile': '',
    '/b/docker-compose.yml': '',
  };
  let folders = ['/a', '/b', '/a'];
  const workspace = createWorkspaceFiles(memoryFiles(texts), EDITOR_LANGUAGES, () => folders);
  const expected = ['/a/Dockerfile', '/b/docker-compose.yml', '/a/web/dev.Dockerfile', '/a/web/compose.yaml'];
  assert.deepEqual([...workspace.paths()].toSorted(), expected.toSorted());
  folders = ['/b'];
  assert.equal(workspace.paths().length, 4, 'looked for once');
  workspace.forget();
  assert.deepEqual(workspace.paths(), ['/b/docker-compose.yml']);
});

test('a folder without an end is left in time', () => {
  const endless = {
    ...memoryFiles({}),
    list: () => [
      { name: 'x', folder: true },
      { name: 'Dockerfile', folder: false },
    ],
  };
  assert.equal(createWorkspaceFiles(endless, EDITOR_LANGUAGES, () => ['/']).paths().length, 500);
});
