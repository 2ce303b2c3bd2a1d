/** Lines, addresses and the choice of checks are as BuildKit 0.25 gives them (docker buildx build --call=check). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayComeFromImage } from '#model/dockerfile/image-environment.ts';
import { buildWarnings, warningsText } from './build-warnings.ts';
import { checkedDockerfile } from './checked-dockerfile.ts';

function warningsOf(text: string, isBuilt: (stage: number) => boolean = () => true) {
  const ignores = (path: string): boolean => path === 'hidden';
  return buildWarnings(checkedDockerfile(text, { given: {}, ignores, mayComeFromImage }), isBuilt);
}

const briefly = (text: string, isBuilt?: (stage: number) => boolean): string[] =>
  warningsOf(text, isBuilt).warnings.map(({ rule, line, lastLine }) => `${rule} ${line}-${lastLine}`);

test('where a warning is: at its instruction', () => {
  assert.deepEqual(briefly('FROM scratch\nENV a=1 \\\n  b=$no\nMAINTAINER x\n'), [
    'UndefinedVar 2-3',
    'MaintainerDeprecated 4-4',
  ]);
  assert.deepEqual(briefly('FROM scratch\nCOPY <<EOF /x\n$no\nEOF\n'), ['UndefinedVar 2-4']);
  assert.deepEqual(briefly('FROM scratch\nRUN echo \\\n\n  foo\n'), ['NoEmptyContinuation 4-4']);
  assert.deepEqual(briefly('# check=experimental=all\n# hello\nFROM scratch AS a\n'), [
    'InvalidDefinitionDescription 3-3',
  ]);
});

test('the directive chooses: skip, experimental, error', () => {
  const lower = 'FROM scratch as A\nCOPY hidden /\n';
  assert.deepEqual(briefly(lower), ['StageNameCasing 1-1', 'FromAsCasing 1-1']);
  assert.deepEqual(briefly(`# check=skip=all\n${lower}`), []);
  assert.deepEqual(briefly(`# check=skip=FromAsCasing\n${lower}`), ['StageNameCasing 2-2']);
  const experimental = `# check=skip=FromAsCasing,StageNameCasing;experimental=CopyIgnoredFile\n${lower}`;
  assert.deepEqual(briefly(experimental), ['CopyIgnoredFile 3-3']);
  assert.equal(warningsOf(lower).error, undefined);
  assert.equal(
    warningsOf(`# check=error=true\n${lower}`).error,
    'lint violation found for rules: StageNameCasing, FromAsCasing',
  );
  assert.equal(warningsOf('# check=error=true\nFROM scratch\n').error, undefined);
});

test('of stages that are not built only what strikes while reading is said', () => {
  const text = 'FROM scratch AS a\nCMD x\nMAINTAINER y\nFROM scratch\nCMD z\n';
  assert.deepEqual(
    briefly(text, (stage) => stage === 1),
    ['MaintainerDeprecated 3-3', 'JSONArgsRecommended 5-5'],
  );
});

test('pages and the text at the end of a build are as Docker prints them', () => {
  const { warnings } = warningsOf('FROM scratch\nCMD x\n');
  assert.equal(warnings[0]?.url, 'https://docs.docker.com/go/dockerfile/rule/json-args-recommended/');
  assert.equal(
    warningsText(warnings, 'use --check to expand'),
    `
 1 warning found (use --check to expand):
 - JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 2)
`,
  );
  assert.equal(warningsText([], ''), '');
});
