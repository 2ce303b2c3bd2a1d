import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from '#model/text/edit.ts';
import { complete } from './completion.ts';
import { documentAt } from './document-check.ts';

function labels(marked: string, files?: Record<string, string>): string[] {
  const { document, offset } = documentAt(marked, files);
  return complete(document, offset).map(({ label }) => label);
}

/** The text after the completion was chosen. */
function chosen(marked: string, label: string, files?: Record<string, string>): string {
  const { document, offset } = documentAt(marked, files);
  const item = complete(document, offset).find((one) => one.label === label);
  assert.ok(item, `${label} is offered`);
  return applyEdits(document.text, [{ span: item.span, text: item.text }]);
}

test('instructions where one may start', () => {
  assert.ok(labels('|').includes('FROM'));
  assert.ok(labels('FROM a\nCO|').includes('COPY'));
  assert.ok(labels('from a\nrun b\n|').includes('copy'), 'in the case of the file');
  assert.deepEqual(labels('FROM a\nRUN b \\\n  |'), []);
  assert.deepEqual(labels('FROM a\nRUN <<EOF\n|\nEOF'), []);
  assert.ok(!labels('FROM a\nONBUILD |').includes('FROM'));
  assert.ok(labels('FROM a\nONBUILD |').includes('COPY'));
  assert.equal(chosen('FROM a\nWORK|', 'WORKDIR'), 'FROM a\nWORKDIR ${1:/app}');
});

test('directives at the top', () => {
  assert.deepEqual(labels('# |'), ['check', 'escape', 'syntax']);
  assert.deepEqual(labels('# syntax=docker/dockerfile:1\n# |'), ['check', 'escape']);
  assert.deepEqual(labels('FROM a\n# |'), []);
  assert.ok(labels('# check=skip=|').includes('StageNameCasing'));
  assert.ok(labels('FROM a\n# slipway ignore=UndefinedVar,|').includes('JSONArgsRecommended'));
});

test('flags that are not used yet', () => {
  assert.deepEqual(labels('FROM a\nCOPY -|'), ['--from', '--chown', '--chmod', '--link', '--parents', '--exclude']);
  assert.ok(!labels('FROM a\nCOPY --link --|').includes('--link'));
  assert.ok(labels('FROM a\nRUN --mount=type=ssh --|').includes('--mount'));
  assert.ok(labels('FROM a\nADD --|').includes('--checksum'));
  assert.deepEqual(labels('FROM a\nRUN b --|'), []);
  assert.equal(chosen('FROM a\nCOPY --fr|', '--from'), 'FROM a\nCOPY --from=');
});

test('values of flags', () => {
  assert.deepEqual(labels('FROM a AS one\nFROM b\nFROM c AS three\nCOPY --from=|'), ['one', '1']);
  assert.deepEqual(labels('FROM a AS one\nFROM b\nRUN --mount=type=bind,from=|'), ['one']);
  assert.ok(labels('FROM a\nRUN --mount=|').includes('type'));
  assert.deepEqual(labels('FROM a\nRUN --mount=type=|'), ['bind', 'cache', 'tmpfs', 'secret', 'ssh']);
  const keys = labels('FROM a\nRUN --mount=type=cache,target=/x,|');
  assert.ok(keys.includes('sharing') && !keys.includes('target') && !keys.includes('type'));
  assert.deepEqual(labels('FROM a\nRUN --network=|'), ['default', 'none', 'host']);
  assert.ok(labels('FROM --platform=|').includes('$BUILDPLATFORM'));
});

test('variables', () => {
  assert.deepEqual(labels('ARG v=1\nFROM a\nARG w=2\nENV x=$|'), ['w']);
  assert.ok(labels('ARG v=1\nFROM a:$|').includes('v'));
  assert.ok(labels('FROM --platform=$|').includes('BUILDPLATFORM'));
  assert.equal(chosen('FROM a\nARG name=1\nWORKDIR /${na|', 'name'), 'FROM a\nARG name=1\nWORKDIR /${name}');
  assert.equal(chosen('FROM a\nARG name=1\nWORKDIR /${na|}', 'name'), 'FROM a\nARG name=1\nWORKDIR /${name}');
});

test('images and stages after FROM', () => {
  const found = labels('FROM a AS build\nFROM |');
  assert.ok(found.includes('build') && found.includes('scratch'));
  assert.deepEqual(labels('FROM a |'), ['AS']);
});

test('paths of the build context, without what is ignored', () => {
  const files = {
    '/project/package.json': '',
    '/project/src/main.ts': '',
    '/project/node_modules/x/y.js': '',
    '/project/.dockerignore': 'node_modules\n',
    '/project/.env': '',
  };
  assert.deepEqual(labels('FROM a\nCOPY |', files), ['package.json', 'src/']);
  assert.deepEqual(labels('FROM a\nCOPY src/|', files), ['main.ts']);
  assert.deepEqual(labels('FROM a\nCOPY --from=x |', files), []);
  assert.equal(chosen('FROM a\nCOPY ./pack|', 'package.json', files), 'FROM a\nCOPY ./package.json');
  assert.ok(labels('FROM a\nWORKDIR /srv\nCOPY x |', files).includes('/srv'));
});

test('what single instructions take', () => {
  assert.deepEqual(labels('FROM a\nHEALTHCHECK |').slice(0, 2), ['CMD', 'NONE']);
  assert.ok(labels('FROM a\nSTOPSIGNAL SIG|').includes('SIGTERM'));
  assert.deepEqual(labels('FROM a\nEXPOSE 80/|'), ['tcp', 'udp', 'sctp']);
  assert.ok(labels('ARG g=1\nFROM a\nARG |').includes('g'));
  assert.ok(labels('FROM a\nARG TARGET|').includes('TARGETARCH'));
});
