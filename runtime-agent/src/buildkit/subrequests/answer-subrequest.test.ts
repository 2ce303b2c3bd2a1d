import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerfile } from '../../build/dockerfile-source.ts';
import { answerSubrequest } from './answer-subrequest.ts';

// What Docker 28.5 answers to this Dockerfile.
const TEXT = `# comment on base
FROM bkt-base as Base
# WHO is who
ARG WHO=x
RUN --mount=type=secret,id=s,required --mount=type=ssh echo $WHO
# Second one
FROM scratch AS second
COPY --from=Base /x /
maintainer me
# third is the last
FROM bkt-base AS third
ARG NOVAL
ARG Q="a b"
FROM base
`;

function ask(id: string, target = '', text = TEXT) {
  const { dockerfile } = parseDockerfile({ name: 'D', text }, {});
  const answer = answerSubrequest(id, { name: 'D', text, dockerfile, ignoreFile: undefined, target, given: {} });
  const json: unknown = JSON.parse(String(answer['result.json']));
  return { json, text: String(answer['result.txt']), code: answer['result.statuscode']?.toString() };
}

const at = (line: number) => ({ ranges: [{ start: { line }, end: { line } }] });
const sources = [Buffer.from(TEXT).toString('base64')];

test('targets: stages with their comments, the last one is the default', () => {
  const { json, text } = ask('frontend.targets');
  assert.deepEqual(json, {
    targets: [
      { name: 'base', base: 'bkt-base', location: at(2) },
      { name: 'second', base: 'scratch', location: at(7) },
      { name: 'third', description: 'is the last', base: 'bkt-base', location: at(11) },
      { default: true, base: 'base', location: at(14) },
    ],
    sources,
  });
  assert.equal(text, 'TARGET    DESCRIPTION\nbase      \nsecond    \nthird     is the last\n(default) \n');
});

test('outline: what the stages that a target needs can be given', () => {
  assert.deepEqual(ask('frontend.outline', 'second').json, {
    name: 'second',
    args: [{ name: 'WHO', description: 'is who', value: 'x', location: at(4) }],
    secrets: [{ name: 's', required: true, location: at(5) }],
    ssh: [{ name: 'default', location: at(5) }],
    sources,
  });
  assert.deepEqual(ask('frontend.outline', 'third').json, {
    name: 'third',
    description: 'is the last',
    args: [
      { name: 'NOVAL', location: at(12) },
      { name: 'Q', value: 'a b', location: at(13) },
    ],
    sources,
  });
  assert.equal(
    ask('frontend.outline', 'third').text,
    'TARGET:      third\nDESCRIPTION: is the last\n\nBUILD ARG   VALUE   DESCRIPTION\nNOVAL               \nQ           a b     \n\n',
  );
});

test('lint: warnings with their places; a status code when there are some', () => {
  const { json, text, code } = ask('frontend.lint', 'second');
  const { warnings } = json as { warnings: { ruleName: string; location: object }[] };
  const places = new Map(warnings.map(({ ruleName, location }) => [ruleName, location]));
  assert.deepEqual(
    places,
    new Map([
      ['StageNameCasing', at(2)],
      ['FromAsCasing', at(2)],
      ['MaintainerDeprecated', at(9)],
      ['ConsistentInstructionCasing', at(9)],
    ]),
  );
  assert.equal(code, '1');
  assert.match(text, /^\nWARNING: .*\n.*\nD:2\n-+\n/);
  assert.deepEqual(ask('frontend.lint', '', 'FROM scratch\n').code, '0');
});

test('what can be asked is told; what cannot is refused', () => {
  const { json } = ask('frontend.subrequests.describe');
  const names = (json as { name: string }[]).map(({ name }) => name);
  for (const name of names) ask(name);
  assert.equal(names.length, 4);
  assert.throws(() => ask('frontend.other'), { code: 'not-implemented' });
  assert.throws(() => ask('frontend.outline', 'nope'), /target stage "nope" could not be found/);
});
