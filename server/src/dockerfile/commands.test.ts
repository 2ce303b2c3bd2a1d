import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, imageStages, hasFlag, mountsAt, operands } from './commands.ts';
import { documentAt } from './document-check.ts';

function commands(text: string): readonly Command[] {
  return documentAt(`FROM a\n${text}`).document.commands;
}

function shown(text: string): string[] {
  return commands(text).map(({ program, args }) => [program.text, ...args.map((arg) => arg.text)].join(' '));
}

test('commands of all forms of RUN', () => {
  assert.deepEqual(shown('RUN a b && c'), ['a b', 'c']);
  assert.deepEqual(shown('RUN ["a", "b c"]'), ['a b c']);
  assert.deepEqual(shown('RUN <<EOF\na\nb; c\nEOF'), ['a', 'b', 'c']);
  assert.deepEqual(shown('RUN bash -e <<EOF\na\nEOF'), ['a']);
  assert.deepEqual(shown('RUN cat <<EOF > /x\na\nEOF'), ['cat']);
  assert.deepEqual(shown('RUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF'), []);
  assert.deepEqual(shown('RUN sudo -E A=1 b c'), ['sudo -E A=1 b c', 'b c']);
});

test('places, over continuation lines too', () => {
  const { document } = documentAt('FROM a\nRUN b \\\n  # note\n  && install --yes');
  const [, install] = document.commands;
  const texts = [install?.program, ...(install?.args ?? [])].map((word) =>
    document.text.slice(word?.span.start, word?.span.end),
  );
  assert.deepEqual(texts, ['install', '--yes']);
});

test('flags and operands', () => {
  const [command] = commands('RUN x -yq --long --key=1 -o value a -- -b');
  assert.ok(command);
  assert.ok(hasFlag(command, 'q') && hasFlag(command, 'long') && hasFlag(command, 'key'));
  assert.ok(!hasFlag(command, 'a') && !hasFlag(command, 'lon'));
  assert.deepEqual(
    operands(command, new Set(['-o'])).map(({ text }) => text),
    ['a', '-b'],
  );
});

test('what mounts keep out of the layer', () => {
  const { document } = documentAt(
    'FROM a\nRUN --mount=type=cache,target=/var/lib/apt/ b\nRUN --mount=type=bind,target=/var/lib/apt c',
  );
  const [, cached, bound] = document.instructions;
  assert.ok(cached && bound);
  assert.ok(mountsAt(cached, '/var/lib/apt/lists'));
  assert.ok(!mountsAt(cached, '/var/lib/dpkg'));
  assert.ok(!mountsAt(bound, '/var/lib/apt'));
});

test('the stages that end in an image', () => {
  const { document } = documentAt('FROM a AS b\nFROM c AS d\nFROM b AS e\nFROM f\nFROM e');
  assert.deepEqual(
    [...imageStages(document.stages)].map(({ index }) => index).toSorted((a, b) => a - b),
    [0, 2, 4],
  );
});

test('commands behind ONBUILD and before FROM', () => {
  assert.deepEqual(
    commands('RUN a\nFROM b\nONBUILD RUN c\nRUN d').map(({ program }) => program.text),
    ['a', 'd', 'c'],
  );
});
