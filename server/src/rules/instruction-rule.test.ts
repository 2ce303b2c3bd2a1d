import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { type DockerfileDocument, readDockerfile } from '../dockerfile/document.ts';
import { memoryFiles } from '../files.ts';
import type { DockerfileRule } from './dockerfile-rule.ts';
import { commandRule, instructionRule } from './instruction-rule.ts';

function read(text: string, previous?: DockerfileDocument): DockerfileDocument {
  const source = { uri: 'file:///Dockerfile', path: '/Dockerfile', text, lines: createLineIndex(text) };
  return readDockerfile({ ...source, files: memoryFiles({}) }, previous);
}

const ABOUT = { id: 'Test', severity: 'warning', title: 'A test' } as const;
const BAD = /bad/;

const starts = (rule: DockerfileRule, document: DockerfileDocument): number[] =>
  Array.from(rule.check(document), ({ span }) => span.start);

test('an instruction is looked at once, and again when its text has changed or something is wrong with it', () => {
  let looked: string[] = [];
  const rule = instructionRule({
    ...ABOUT,
    checkInstruction({ joined: { text }, span }) {
      looked.push(text);
      return BAD.test(text) ? [{ span, message: 'bad' }] : [];
    },
  });
  const first = read('FROM a\nRUN bad\nRUN fine\nRUN fine\n');
  assert.deepEqual(starts(rule, first), [7]);
  assert.deepEqual(looked, ['FROM a', 'RUN bad', 'RUN fine']);
  looked = [];
  const second = read('# new\nFROM a\nRUN bad\nRUN other\nRUN fine\n', first);
  assert.deepEqual(starts(rule, second), [13], 'found where it stands now');
  assert.deepEqual(looked, ['RUN bad', 'RUN other']);
});

test('what ONBUILD keeps for later is an instruction too', () => {
  const rule = instructionRule({
    ...ABOUT,
    checkInstruction: ({ keyword, span }) => (keyword === 'RUN' ? [{ span, message: 'bad' }] : []),
  });
  assert.deepEqual(starts(rule, read('FROM a\nONBUILD RUN b\nRUN c\n')), [15, 21]);
});

test('programs of a RUN are looked at together', () => {
  let looked: string[] = [];
  const rule = commandRule({
    ...ABOUT,
    checkCommand({ program: { text, span } }, run) {
      looked.push(`${text} of ${run.keyword}`);
      return BAD.test(text) ? [{ span, message: 'bad' }] : [];
    },
  });
  const first = read('FROM a\nRUN a && b\nRUN <<EOF\nc\nbad\nEOF\n');
  assert.deepEqual(starts(rule, first), [30]);
  assert.deepEqual(looked, ['a of RUN', 'b of RUN', 'c of RUN', 'bad of RUN']);
  looked = [];
  assert.deepEqual(starts(rule, read('FROM a\nRUN a && b\nRUN <<EOF\nc\ngood\nEOF\n', first)), []);
  assert.deepEqual(looked, ['c of RUN', 'good of RUN']);
});
