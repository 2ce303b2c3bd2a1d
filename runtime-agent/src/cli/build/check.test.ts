import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkReport } from './check.ts';

const check = (text: string, more: { readonly target?: string; readonly ignoreFile?: string } = {}) =>
  checkReport({ text, name: 'Dockerfile', ignoreFile: undefined, target: '', given: {}, ...more });

test('as docker build --check prints it', () => {
  assert.deepEqual(check('FROM scratch\n'), {
    report: 'Check complete, no warnings found.\n',
    error: undefined,
    code: 0,
  });
  assert.equal(
    check('FROM scratch AS x\nMAINTAINER me\nCMD echo hi\n').report,
    `Check complete, 2 warnings have been found!

WARNING: MaintainerDeprecated - https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/
Maintainer instruction is deprecated in favor of using label
Dockerfile:2
--------------------
   1 |     FROM scratch AS x
   2 | >>> MAINTAINER me
   3 |     CMD echo hi
   4 |
--------------------

WARNING: JSONArgsRecommended - https://docs.docker.com/go/dockerfile/rule/json-args-recommended/
JSON arguments recommended for CMD to prevent unintended behavior related to OS signals
Dockerfile:3
--------------------
   1 |     FROM scratch AS x
   2 |     MAINTAINER me
   3 | >>> CMD echo hi
   4 |
--------------------
`,
  );
});

test('stages that the target does not need do not count; a warning may be an error', () => {
  const text =
    '# check=error=true\nFROM scratch AS a\nCMD x\nFROM scratch AS b\nCOPY --from=a / /\nFROM scratch AS c\nCMD y\n';
  const rule = 'lint violation found for rules: JSONArgsRecommended';
  assert.equal(check(text, { target: 'b' }).report.split('WARNING').length - 1, 1);
  assert.equal(check(text, { target: 'b' }).error, rule);
  assert.equal(check(text.replaceAll(/CMD .\n/g, '')).code, 0);
});

test('a Dockerfile that cannot be built is an error with its place', () => {
  assert.throws(
    () => check('FRM scratch\n'),
    /parse error on line 1: unknown instruction: FRM \(did you mean FROM\?\)/,
  );
  assert.throws(() => check('FROM scratch\n', { target: 'none' }), /target stage "none" could not be found/);
});
