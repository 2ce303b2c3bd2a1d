import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerfile } from './parse.ts';
import { stageNamed, stageReferred, stagesOf } from './stages.ts';

const TEXT = 'ARG v=1\nFROM --platform=$P debian:$v AS Build\nRUN a\nFROM build\nCOPY b c\nFROM x as build\nFROM build';

test('stages with their names, bases and instructions', () => {
  const { preamble, stages } = stagesOf(parseDockerfile(TEXT));
  assert.deepEqual(
    preamble.map((instruction) => instruction.keyword),
    ['ARG'],
  );
  assert.deepEqual(
    stages.map((stage) => [stage.image?.text, stage.name?.text, stage.platform?.value, stage.base?.index]),
    [
      ['debian:$v', 'Build', '$P', undefined],
      ['build', undefined, undefined, 0],
      ['x', 'build', undefined, undefined],
      ['build', undefined, undefined, 2],
    ],
  );
  assert.equal(stages[1]?.instructions[0]?.keyword, 'COPY');
});

test('references by name look backwards only, by number too', () => {
  const { stages } = stagesOf(parseDockerfile(TEXT));
  assert.equal(stageNamed(stages, 'BUILD')?.index, 2);
  assert.equal(stageReferred(stages, 'build', 1)?.index, 0);
  assert.equal(stageReferred(stages, '1', 2)?.index, 1);
  assert.equal(stageReferred(stages, '2', 2), undefined);
  assert.equal(stageReferred(stages, 'busybox', 2), undefined);
});
