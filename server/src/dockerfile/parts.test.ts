/** The smaller readings: mounts, copy sources, stage references, ignore files, pages of images, what images may set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextIgnores } from './context-ignores.ts';
import { copyParts, isContextPath } from '#model/dockerfile/copy-sources.ts';
import { documentAt } from './document-check.ts';
import { flagInfo, flagsOf } from './flags.ts';
import { mayComeFromImage } from '#model/dockerfile/image-environment.ts';
import { imagePage } from './image-page.ts';
import { mountFields } from './mount-fields.ts';
import { stageReferences } from './stage-references.ts';
import { wholeLines } from '#model/dockerfile/whole-lines.ts';

test('the fields of a mount, with their places', () => {
  const { document } = documentAt('FROM a\nRUN --mount=type=cache,Target=/x,ro b');
  const [flag] = document.instructions[1]?.flags ?? [];
  assert.ok(flag);
  const at = ({ start, end }: { start: number; end: number }): string => document.text.slice(start, end);
  assert.deepEqual(
    mountFields(flag).map(({ key, keySpan, value, valueSpan }) => [
      key,
      at(keySpan),
      value,
      valueSpan && at(valueSpan),
    ]),
    [
      ['type', 'type', 'cache', 'cache'],
      ['target', 'Target', '/x', '/x'],
      ['ro', 'ro', undefined, undefined],
    ],
  );
});

test('what COPY takes from where', () => {
  const { document } = documentAt('FROM a\nCOPY --from=b c d /e\nADD ["f g", "h"]\nCOPY x');
  const parts = document.instructions.slice(1).map((instruction) => {
    const { sources, destination, from } = copyParts(instruction);
    return [sources.map(({ text }) => text), destination?.text, from];
  });
  assert.deepEqual(parts, [
    [['c', 'd'], '/e', 'b'],
    [['f g'], 'h', undefined],
    [['x'], undefined, undefined],
  ]);
  assert.deepEqual(['a/b', 'https://x', 'git@x:y', '<<EOF', './<a'].map(isContextPath), [
    true,
    false,
    false,
    false,
    true,
  ]);
});

test('references to stages', () => {
  const { document } = documentAt('FROM a AS b\nFROM b\nCOPY --from=b c d\nRUN --mount=from=b,target=/x y');
  assert.deepEqual(
    [...stageReferences(document.stages)].map(({ text, by, stage }) => [text, by, stage.index]),
    [
      ['a', 'FROM', 0],
      ['b', 'FROM', 1],
      ['b', 'COPY', 1],
      ['b', 'RUN', 1],
    ],
  );
});

test('.dockerignore', () => {
  const ignores = (text: string, path: string): boolean | undefined =>
    contextIgnores(documentAt('FROM a', { '/project/.dockerignore': text }).document.source)?.(path);
  assert.equal(ignores('*.log\n', 'x.log'), true);
  assert.equal(ignores('*.log\n', ''), false, 'the context itself');
  assert.equal(ignores('*\n!src\n', 'src/a'), false);
  assert.equal(ignores('*\n!a.txt\n', '*.txt'), false, 'the pattern may find a.txt');
  assert.equal(ignores('# nothing\n', 'x'), undefined);
});

test('what a base image may set', () => {
  const { document } = documentAt('FROM debian:12 AS a\nFROM node:22\nFROM a\nFROM docker.io/library/alpine@sha256:1');
  const may = (index: number, name: string): boolean => {
    const stage = document.stages[index];
    assert.ok(stage);
    return mayComeFromImage(stage, name);
  };
  assert.deepEqual(
    [may(0, 'PATH'), may(0, 'JAVA_HOME'), may(1, 'NODE_VERSION'), may(1, 'foo')],
    [true, false, true, false],
  );
  assert.deepEqual([may(2, 'JAVA_HOME'), may(3, 'LANG')], [false, false]);
});

test('pages of images', () => {
  assert.equal(imagePage('node:22-alpine'), 'https://hub.docker.com/_/node');
  assert.equal(imagePage('bitnami/redis@sha256:' + '0'.repeat(64)), 'https://hub.docker.com/r/bitnami/redis');
  assert.equal(imagePage('mcr.microsoft.com/dotnet/sdk:9.0'), 'https://mcr.microsoft.com/artifact/mar/dotnet/sdk/tags');
  for (const none of ['scratch', '$X', 'Not Valid', 'r.example/x', 'ghcr.io', 'a/b/c'])
    assert.equal(imagePage(none), undefined, none);
});

test('flags', () => {
  assert.equal(flagInfo('COPY', 'link')?.type, 'boolean');
  assert.equal(flagInfo('COPY', 'toString'), undefined);
  assert.deepEqual(Object.keys(flagsOf('CMD')), []);
});

test('whole lines', () => {
  assert.deepEqual(wholeLines('ab\ncd\nef', { start: 4, end: 5 }), { start: 3, end: 6 });
  assert.deepEqual(wholeLines('ab\ncd', { start: 3, end: 5 }), { start: 3, end: 5 });
});
