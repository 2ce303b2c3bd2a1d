import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureCause } from '../failure-cause.ts';
import { planText } from './plan.fixture.ts';

const stagesOf = async (text: string, target = ''): Promise<number[]> =>
  (await planText(text, { target })).stages.map(({ index }) => index);

test('only what the target needs is planned and fetched', async () => {
  const text = [
    'FROM a AS one',
    'FROM b AS unused',
    'RUN exit 1',
    'FROM one AS two',
    'FROM c AS three',
    'COPY --from=two /x /',
    'RUN --mount=from=d,target=/d true',
    'COPY --from=0 /y /',
    'FROM e AS last',
  ].join('\n');
  assert.deepEqual(await stagesOf(text, 'three'), [0, 2, 3]);
  assert.deepEqual((await planText(text, { target: 'THREE' })).fetched.toSorted(), ['a', 'c', 'd']);
  assert.deepEqual(await stagesOf(text), [4]);
});

test('a target that does not exist is refused', async () => {
  const text = 'FROM a AS one';
  const table = { elsewhere: '', '1': '', onne: ' (did you mean one?)' };
  for (const [target, hint] of Object.entries(table)) {
    const message = `target stage "${target}" could not be found${hint}`;
    await assert.rejects(planText(text, { target }), { code: 'invalid', message });
  }
});

test('names are checked in stages that nobody needs too, but not by the classic builder; nothing is fetched for them', async () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['FROM T', /failed to parse stage name "T"/],
    ['FROM $X', /base name \(\$X\) should not be blank/],
    ['FROM --platform=$X other', /empty platform value/],
    ['FROM other\nCOPY --from=9 / /', /invalid stage index 9/],
    ['FROM other\nCOPY --from=A/B / /', /failed to parse stage name "A\/B"/],
  ];
  for (const [text, message] of wrong) {
    await assert.rejects(planText(`FROM a AS t\n${text}`, { target: 't' }), { code: 'invalid', message });
    await planText(`FROM a AS t\n${text}`, { target: 't', capitals: true });
  }
  const unneeded = 'FROM other\nRUN --mount=type=nosuch,from=more x\nCOPY --from=more /a /';
  assert.deepEqual((await planText(`FROM a AS t\n${unneeded}`, { target: 't' })).fetched, ['a']);
});

test('a name is the last stage before that has it, otherwise an image', async () => {
  const text = 'FROM a AS x\nFROM b AS x\nFROM c\nCOPY --from=x /f /\nCOPY --from=y /f /\nFROM x AS y';
  const { stages, fetched } = await planText(text.replace('\nFROM x AS y', ''));
  assert.deepEqual(
    stages.map(({ index }) => index),
    [1, 2],
  );
  assert.deepEqual(fetched.toSorted(), ['b', 'c', 'y']);
});

test('a stage may have the name of its own base image', async () => {
  assert.deepEqual((await planText('FROM busybox AS busybox\nRUN x')).fetched, ['busybox']);
});

test('an image of two platforms is two images, and those of the build itself are one', async () => {
  const text =
    'FROM --platform=linux/arm64 i AS a\nFROM --platform=$BUILDPLATFORM i AS b\nFROM i\nCOPY --from=a /f /\nCOPY --from=b /f /';
  const { stages, fetched } = await planText(text);
  assert.deepEqual(fetched.toSorted(), ['i for linux/amd64', 'i for linux/arm64']);
  const keys = stages.map(({ base }) => (base.kind === 'image' ? [base.reference, base.image] : []));
  assert.deepEqual(keys, [
    ['i', 'i for linux/arm64'],
    ['i', 'i'],
    ['i', 'i'],
  ]);
});

test('numbers must be those of earlier stages', async () => {
  await assert.rejects(planText('FROM a\nCOPY --from=0 /f /'), {
    message: 'cannot copy from stage "0", it needs to be defined before current stage "stage-0"',
  });
  await assert.rejects(planText('FROM a\nCOPY --from=7 /f /'), { message: 'invalid stage index 7' });
  await assert.rejects(planText('FROM A:b:c'), { message: /^failed to parse stage name "A:b:c": invalid reference/ });
  await assert.rejects(planText('FROM --platform=a/b/c/d x'), { message: /^failed to parse platform a\/b\/c\/d: / });
  await assert.rejects(planText('FROM --platform=$X x'), { message: 'empty platform value from expression $X' });
  await assert.rejects(planText('FROM a\nCOPY --from=$x /f /'), {
    message: /variable expansion is not supported for --from/,
  });
});

test("the base image's ONBUILD instructions come first, and may need stages and images themselves", async () => {
  const OnBuild = ['COPY --from=tools /t /', 'ENV A=1'];
  const text = 'FROM t AS tools\nFROM base AS main\nENV B=$A';
  const { stages, fetched } = await planText(text, { images: { base: { OnBuild } } });
  assert.deepEqual(
    stages.map(({ index }) => index),
    [0, 1],
  );
  assert.deepEqual(fetched.toSorted(), ['base', 't']);
  const main = stages[1];
  assert.deepEqual(
    main?.steps.map(({ original, isTrigger }) => [original, isTrigger]),
    [
      ['COPY --from=tools /t /', true],
      ['ENV A=1', true],
      ['ENV B=$A', false],
    ],
  );
  assert.equal(main?.steps.at(-1)?.config.OnBuild, undefined);
  assert.ok(main?.steps.at(-1)?.config.Env?.includes('B=1'));
});

test("a stage's own ONBUILD fires in the stages that start from it", async () => {
  const { stages } = await planText('FROM a AS one\nONBUILD RUN fired\nFROM one\nRUN x');
  assert.deepEqual(
    stages[0]?.steps.map(({ isTrigger }) => isTrigger),
    [false],
  );
  assert.deepEqual(
    stages[1]?.steps.map(({ original }) => original),
    ['RUN fired', 'RUN x'],
  );
  assert.equal(stages[1]?.steps.at(-1)?.config.OnBuild, undefined);
});

test('a trigger that is no instruction is refused', async () => {
  const images = { base: { OnBuild: ['NOSUCH x'] } };
  await assert.rejects(planText('FROM base', { images }), {
    message: 'ONBUILD trigger of the base image: unknown instruction: NOSUCH',
  });
});

test('FROM scratch needs nothing', async () => {
  const { stages, fetched } = await planText('FROM scratch\nCOPY a /');
  assert.deepEqual([stages[0]?.base, fetched], [{ kind: 'scratch' }, []]);
  assert.equal(stages[0]?.steps[0]?.config.WorkingDir, '/');
});

test('a context stands for an image under each of its names', async () => {
  const contexts = { there: 'docker-image://other' };
  for (const name of ['there', 'there:latest', 'docker.io/library/there']) {
    assert.deepEqual((await planText(`FROM ${name}`, { contexts })).fetched, ['other'], name);
  }
  assert.deepEqual((await planText('FROM there:1', { contexts })).fetched, ['there:1']);
  const scratch = await planText('FROM there', { contexts: { there: 'docker-image://scratch' } });
  assert.deepEqual([scratch.fetched, scratch.stages[0]?.base], [[], { kind: 'scratch' }]);
});

test('a context of a stage’s name is all of the stage, also by number and as the target', async () => {
  const contexts = { made: 'docker-image://other' };
  const text = 'FROM a AS made\nRUN exit 7\nFROM b\nCOPY --from=0 / /\n';
  const { stages, fetched } = await planText(text, { contexts, images: { other: { OnBuild: ['RUN exit 8'] } } });
  assert.deepEqual(
    [stages.map(({ steps }) => steps.length), fetched.toSorted()],
    [
      [0, 1],
      ['b', 'other'],
    ],
  );
  assert.deepEqual((await planText(text, { contexts, target: 'made' })).fetched, ['other']);
});

test('what a step takes from is wrong where the step is', async () => {
  const text = 'FROM a\nCOPY --from=Upper / /\n';
  const failed = await planText(text).catch((error: unknown) => error);
  const { start = 0, end = 0 } = failureCause(failed).place?.span ?? {};
  assert.equal(text.slice(start, end), 'COPY --from=Upper / /');
  assert.match(String(failed), /failed to parse stage name "Upper": .* must be lowercase/);
});
