import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readStages, readTrigger } from './stages.ts';

function stagesOf(text: string) {
  const read = readStages(text);
  assert.equal(read.error, undefined);
  if (!('dockerfile' in read)) throw new Error('unreachable');
  return read.dockerfile;
}
const errorOf = (text: string) => {
  const { error } = readStages(text);
  return error && `${error.line}: ${error.message}`;
};

test('global arguments, stages and their steps', () => {
  const text = 'ARG V=1\nFROM a:$V AS one\nRUN x\n# c\nFROM one\nCOPY a \\\n  b\n';
  const { globals, stages, escape } = stagesOf(text);
  assert.equal(escape, '\\');
  assert.deepEqual(
    globals.map(({ original, line }) => [original, line]),
    [['ARG V=1', 1]],
  );
  assert.deepEqual(
    stages.map(({ index, name, from, steps }) => [
      index,
      name,
      from.original,
      steps.map((step) => [step.original, step.line]),
    ]),
    [
      [0, 'one', 'FROM a:$V AS one', [['RUN x', 3]]],
      [1, undefined, 'FROM one', [['COPY a   b', 6]]],
    ],
  );
});

test('here-documents belong to what a step is written as', () => {
  const [stage] = stagesOf('FROM a\nRUN <<E\n 1\nE\nRUN y').stages;
  assert.deepEqual(
    stage?.steps.map(({ original }) => original),
    ['RUN <<E\n 1\nE', 'RUN y'],
  );
});

test('the escape directive counts', () => {
  const { stages, escape } = stagesOf('# escape=`\nFROM a\nRUN a `\n b\\\n');
  assert.equal(escape, '`');
  assert.deepEqual(
    stages[0]?.steps.map(({ original }) => original),
    ['RUN a  b\\'],
  );
});

test('the first mistake is the error, with its line', () => {
  assert.equal(errorOf('FROM a\n\nNOSUCH x\nALSO y'), '3: unknown instruction: NOSUCH');
  assert.equal(errorOf('RUN x'), '1: no build stage in current context');
  assert.equal(errorOf(''), '1: file with no instructions');
  assert.equal(errorOf('# only\n'), '1: file with no instructions');
  assert.equal(errorOf('ARG a'), '1: dockerfile contains no stages to build');
  assert.equal(errorOf('FROM a\nRUN <<E\nx'), '2: unterminated heredoc');
  assert.equal(errorOf('# escape=x\nFROM a'), "1: invalid escape token 'x' does not match ` or \\");
  assert.equal(errorOf('# escape=\\\n# escape=`\nFROM a'), '2: only one escape parser directive can be used');
});

test('a trigger is read like an instruction', () => {
  const read = readTrigger('COPY <<a /b\n1\na');
  assert.deepEqual('step' in read && read.step.command.kind, 'COPY');
  assert.deepEqual(readTrigger(''), { error: 'empty ONBUILD trigger: ' });
  assert.deepEqual(readTrigger('NOSUCH'), { error: 'unknown instruction: NOSUCH' });
});

test('any text: stages or an error, never a throw', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('FROM a', 'RUN x \\', 'COPY <<E /x', 'E', '# escape=`', 'ENV a=$b', 'ONBUILD RUN <<X', ''),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const read = readStages(lines.join('\n'));
      assert.ok('dockerfile' in read !== (read.error !== undefined));
    }),
    { numRuns: 500 },
  );
});
