import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryFiles } from '../files.ts';
import { LANGUAGES } from '../languages.ts';
import { dclintExclusions } from './dclint-exclusions.ts';
import { findFiles } from './find-files.ts';

test('names, paths and folders that the configuration leaves out', () => {
  const files = memoryFiles({ '/p/.dclintrc': '{"exclude": ["tests", "./deploy/old", "compose.local.yaml"]}' });
  const { isExcluded, notice } = dclintExclusions('/p', undefined, files);
  const excluded = ['tests/compose.yaml', './a/tests/b/compose.yaml', 'deploy/old/compose.yml', 'a/compose.local.yaml'];
  for (const path of excluded) assert.ok(isExcluded(path), path);
  for (const path of ['compose.yaml', 'mytests/compose.yaml', 'deploy/older/compose.yml']) {
    assert.ok(!isExcluded(path), path);
  }
  assert.equal(notice, undefined);
});

test('--config goes before, odd values count for nothing', () => {
  const files = memoryFiles({ '/p/.dclintrc': 'exclude: 5' });
  assert.ok(!dclintExclusions('/p', undefined, files).isExcluded('5'));
  assert.ok(dclintExclusions('/p', 'exclude: [a]', files).isExcluded('a/compose.yaml'));
});

test('a program is not run, and that is said', () => {
  const files = memoryFiles({ '/p/dclint.config.cjs': 'throw new Error()' });
  const notice = 'dclint.config.cjs is a program and is not run: write what it says into .dclintrc.json';
  assert.equal(dclintExclusions('/p', undefined, files).notice, notice);
  assert.equal(dclintExclusions('/p', 'rules: {}', files).notice, undefined);
});

test('excluded Compose files are not found in folders, Dockerfiles beside them are', () => {
  const files = memoryFiles({ '/p/tests/compose.yaml': '', '/p/tests/Dockerfile': '', '/p/compose.yaml': '' });
  const isExcluded = (path: string): boolean => path.includes('tests');
  assert.deepEqual(findFiles(['/p'], LANGUAGES, files, isExcluded).found, ['/p/tests/Dockerfile', '/p/compose.yaml']);
  assert.deepEqual(findFiles(['/p/tests/compose.yaml'], LANGUAGES, files, isExcluded).found, ['/p/tests/compose.yaml']);
});
