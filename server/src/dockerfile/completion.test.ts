import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from '#model/text/edit.ts';
import { complete, imageAt } from './completion.ts';
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
  const { document, offset } = documentAt('FROM a\n|');
  const outdated = complete(document, offset).filter(({ deprecated }) => deprecated === true);
  assert.deepEqual(
    outdated.map(({ label }) => label),
    ['MAINTAINER'],
  );
  assert.ok(labels('from a\nrun b\n|').includes('copy'), 'in the case of the file');
  assert.deepEqual(labels('FROM a\nRUN b \\\n  |'), []);
  assert.ok(!labels('FROM a\nONBUILD |').includes('FROM'));
  assert.ok(labels('FROM a\nONBUILD |').includes('COPY'));
  assert.equal(chosen('FROM a\nWORK|', 'WORKDIR'), 'FROM a\nWORKDIR ${1:/app}');
});

test('directives at the top', () => {
  assert.deepEqual(labels('# |'), ['check', 'escape', 'syntax']);
  assert.deepEqual(labels('# syntax=docker/dockerfile:1\n# |'), ['check', 'escape']);
  assert.deepEqual(labels('# syntax=|'), ['docker/dockerfile:1', 'docker/dockerfile:1-labs']);
  assert.deepEqual(labels('# escape=|'), ['`', '\\']);
  assert.deepEqual(labels('# check=|'), ['skip=', 'error=true', 'experimental=']);
  assert.deepEqual(labels('# check=skip=all;|'), ['skip=', 'error=true', 'experimental=']);
  assert.deepEqual(labels('# check=experimental=|'), ['all', 'InvalidDefinitionDescription']);
  assert.ok(!labels('# check=skip=|').includes('DL3006'), 'BuildKit knows its own checks only');
  assert.equal(chosen('# check=skip=all;err|', 'error=true'), '# check=skip=all;error=true');
  assert.ok(labels('FROM a\n# |').includes('slipway ignore='));
  assert.equal(chosen('FROM a\n# had|', 'hadolint ignore='), 'FROM a\n# hadolint ignore=');
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
  const own = labels('ARG v=1\nFROM a\nARG w=2\nENV x=$|');
  assert.deepEqual([own[0], own.length, own.includes('HTTP_PROXY'), own.includes('no_proxy')], ['w', 11, true, true]);
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
  const flags = ['--from', '--chown', '--chmod', '--link', '--parents', '--exclude'];
  assert.deepEqual(labels('FROM a\nCOPY |', files), ['package.json', 'src/', ...flags]);
  assert.deepEqual(labels('FROM a\nCOPY src/|', files), ['main.ts']);
  assert.deepEqual(labels('FROM a\nCOPY --from=x |', files), flags.slice(1));
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

test('keys of every kind of mount, other spellings last', () => {
  const keys = (type: string): string[] => labels(`FROM a\nRUN --mount=type=${type},|`);
  assert.deepEqual(keys('tmpfs'), ['target', 'dst', 'destination', 'size']);
  assert.deepEqual(
    keys('bind').toSorted(),
    'destination dst from readonly readwrite ro rw source src target'.split(' '),
  );
  for (const key of ['id', 'required', 'env', 'uid', 'gid', 'mode', 'target'])
    assert.ok(keys('secret').includes(key), key);
  assert.ok(keys('ssh').includes('required') && keys('cache').includes('sharing'));
  assert.equal(
    chosen('FROM a\nRUN --mount=type=bind,ro|', 'ro'),
    'FROM a\nRUN --mount=type=bind,ro',
    'a switch has no value',
  );
  assert.deepEqual(labels('FROM a\nRUN --mount=type=cache,sharing=|'), ['shared', 'private', 'locked']);
  assert.deepEqual(labels('FROM a\nRUN --mount=type=secret,id=x,required=|'), ['true', 'false']);
  const files = { '/project/src/a.ts': '' };
  assert.deepEqual(labels('FROM a\nRUN --mount=type=bind,source=|', files), ['src/']);
  assert.deepEqual(labels('FROM a\nRUN --mount=type=bind,from=x,source=|', files), []);
});

test('values of the rarer flags', () => {
  assert.deepEqual(labels('FROM a\nRUN --security=|'), ['sandbox', 'insecure']);
  assert.ok(labels('FROM a\nRUN --device=|').length > 0);
  assert.ok(labels('FROM a\nCOPY --chmod=|').includes('755'));
  assert.deepEqual(labels('FROM a\nADD --keep-git-dir=|'), ['true', 'false']);
  assert.ok(labels('FROM a\nHEALTHCHECK --start-interval=|').includes('30s'));
});

test('modifiers of variables', () => {
  assert.deepEqual(labels('ARG v=1\nFROM a:${v:|}'), [':-', ':+', ':?']);
  assert.deepEqual(labels('ARG v=1\nFROM a:${v%|'), ['%%']);
  assert.ok(labels('ARG v=1\nFROM a:${v|').includes('//'));
  assert.equal(chosen('ARG v=1\nFROM a:${v:|', ':-'), 'ARG v=1\nFROM a:${v:-$0}');
  assert.equal(chosen('ARG v=1\nFROM a:${v:|}', ':-'), 'ARG v=1\nFROM a:${v:-$0}');
});

test('users: those that the stage makes, those of its base, and those that all have', () => {
  assert.deepEqual(labels('FROM node:22 AS b\nRUN useradd -m -u 5 app && adduser -D -s /bin/sh web\nFROM b\nUSER |'), [
    'app',
    'web',
    'node',
    'root',
    'nobody',
    '1000:1000',
  ]);
  assert.equal(labels('FROM nginx\nCOPY --chown=|')[0], 'nginx');
});

test('ports, labels and variables that are often set', () => {
  assert.ok(labels('FROM a\nEXPOSE |').includes('8080'));
  assert.equal(
    chosen('FROM a\nLABEL org.opencontainers.image.so|', 'org.opencontainers.image.source'),
    'FROM a\nLABEL org.opencontainers.image.source=',
  );
  assert.ok(labels('FROM a\nLABEL a=b |').includes('org.opencontainers.image.title'));
  assert.ok(labels('FROM a\nENV |').includes('NODE_ENV'));
});

test('programs, and what they take', () => {
  assert.ok(labels('FROM a\nRUN ap|').includes('apt-get'));
  assert.ok(labels('FROM a\nRUN set -e; ap|').includes('apk'));
  assert.ok(labels('FROM a\nRUN a \\\n && c|').includes('curl'));
  assert.deepEqual(labels('FROM a\nRUN apt-get in|').slice(0, 2), ['update', 'install']);
  assert.ok(labels('FROM a\nRUN apt-get install -y |').includes('--no-install-recommends'));
  assert.ok(!labels('FROM a\nRUN apt-get install -y |').includes('-y'));
  assert.deepEqual(labels('FROM a\nRUN echo "ap|'), []);
  assert.deepEqual(labels('FROM a\nRUN echo # ap|'), []);
  assert.ok(labels('FROM a\nRUN <<EOF\nset -e\nnpm |\nEOF').includes('ci'));
  assert.deepEqual(labels('FROM a\nRUN <<EOF\n#!/usr/bin/python3\nim|\nEOF'), []);
  assert.deepEqual(labels('FROM a\nCOPY <<EOF /x\nap|\nEOF'), []);
  assert.ok(labels('FROM a\nHEALTHCHECK CMD cu|').includes('curl'));
  assert.deepEqual(labels('FROM a\nCMD ["ap|'), []);
});

test('where a name of an image may come', () => {
  const query = (marked: string): string | undefined => {
    const { document, offset } = documentAt(marked);
    const found = imageAt(document, offset);
    return found === undefined ? undefined : `${found.prefix} ${document.text.slice(found.span.start, found.span.end)}`;
  };
  assert.equal(query('FROM no|de'), 'no node');
  assert.equal(query('FROM node:2|2 AS x'), 'node:2 22');
  assert.equal(query('FROM localhost:5000/|'), 'localhost:5000/ localhost:5000/');
  assert.equal(query('FROM a\nCOPY --from=ngi|'), 'ngi ngi');
  assert.equal(query('FROM a\nRUN --mount=type=bind,from=ngi|'), 'ngi ngi');
  assert.equal(query('FROM a AS |'), undefined);
  assert.equal(query('FROM $x|'), undefined);
});
